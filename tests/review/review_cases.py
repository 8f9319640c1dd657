"""A small repository whose models are their parameters: real DVC stages write metrics and per-line scores from them."""

import json
import math
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from result_cases import TEXT, generation, network, strategy, translator

from gradus.pipeline.verify import content_hash
from gradus.results.language_model import NetworkResult
from gradus.results.score import Score
from gradus.results.translation import TranslationResult

N_LINES = 400
SENTENCE = "the old man sees the young dog near the house today"

PIPELINE = """\
stages:
  train_lm:
    matrix: {name: "${train_lm}"}
    cmd: exec python work.py lm ${item.name}
    deps: [work.py]
    params: ["train_lm.${item.name}"]
    metrics:
      - metrics/lm/${item.name}.json: {cache: false}
    outs: ["data/scores/lm/${item.name}"]
  train_mt:
    matrix: {name: "${train_mt}"}
    cmd: exec python work.py mt ${item.name}
    deps: [work.py]
    params: ["train_mt.${item.name}"]
    metrics:
      - metrics/mt/${item.name}.json: {cache: false}
    outs: ["data/scores/mt/${item.name}"]
  count:
    cmd: exec python -c "import pathlib; pathlib.Path('data/count').write_text('1')"
    deps: [data/scores/lm/same]
    outs: [data/count]
"""
WORK = """\
import sys
from review_cases import write_model
write_model(*sys.argv[1:])
"""
SAME = {"kind": "ngram", "factor": 1.0, "noise": 0.0}
PARAMS: Mapping[str, Any] = {
    "seed": 1,
    "ci": {"tolerance": 1e-3},
    "smooth_ngrams": {},
    "train_lm": {
        **dict.fromkeys(("same", "worse", "better", "noisy", "close", "broken", "gone"), SAME),
        "lstm": {"kind": "network", "factor": 1.0, "noise": 0.0},
        "mle": {"kind": "zeros", "zeros": 30, "factor": 1.0, "noise": 0.0},
        "backoff": {"kind": "scores", "factor": 1.0, "noise": 0.0},
    },
    "train_mt": {"plain": {"wrong": 100}, "finer": {"wrong": 100}, "near": {"wrong": 100}},
}
CHANGES: Mapping[str, Any] = {
    "train_lm.worse.factor": 1.02,
    "train_lm.better.factor": 0.95,
    "train_lm.noisy.noise": 30.0,  # nats a line
    "train_lm.close.factor": 1.005,
    "train_lm.broken": SAME | {"kind": "zeros", "zeros": 3},
    "train_lm.gone": None,
    "train_lm.gru": {"kind": "network", "factor": 2.0, "noise": 0.0},
    "train_lm.lstm.factor": 1.05,
    "train_lm.mle.zeros": 60,
    "train_lm.backoff.factor": 1.02,
    "train_mt.plain.wrong": 200,
    "train_mt.finer.wrong": 50,
    "train_mt.near.wrong": 101,
}
"""Changes of the branch `changed` to the models of `main`."""


def write_model(track: str, name: str) -> None:
    """Write the metrics and the scores of a model whose parameters say how good it is."""
    from gradus.params import read_section
    from gradus.results.files import write_result

    about = read_section(Path("params.yaml"), f"train_{track}.{name}")
    result = _language_model(name, about) if track == "lm" else _translator(name, about)
    Path(f"metrics/{track}").mkdir(parents=True, exist_ok=True)
    write_result(Path(f"metrics/{track}/{name}.json"), result)


def _language_model(name: str, about: Mapping[str, Any]) -> NetworkResult:
    """Lines of 5 to 14 tokens at some 2.5 nats each, perplexity times `factor`, and noise of a deviation per line."""
    from gradus.artifacts.places import new_folder
    from gradus.evaluation.language_models.line_scores import LINE_SCORES, LineScores, write_line_scores

    easy = np.random.default_rng(1)
    tokens = easy.integers(5, 15, size=N_LINES)
    nats = tokens * easy.normal(2.5, 0.3, size=N_LINES) + tokens * math.log(about["factor"])
    nats += np.random.default_rng(2).normal(0.0, about["noise"], size=N_LINES) if about["noise"] else 0.0
    zeros = np.zeros(N_LINES, np.int64)
    zeros[np.linspace(0, N_LINES - 1, about.get("zeros", 0)).astype(int)] = 1  # spread over the text
    contexts = {"line": 1.0, "stream": 0.98} if about["kind"] == "network" else {"line": 1.0}
    scores = LineScores(
        "text", "tokenizer", tokens, {c: nats * s for c, s in contexts.items()}, dict.fromkeys(contexts, zeros)
    )
    with new_folder(Path(f"data/scores/lm/{name}"), LINE_SCORES) as part:
        write_line_scores(part, scores)
    n_tokens = int(tokens.sum())
    test: Any = {c: _score(about["kind"], float(scores.nats[c].sum()), n_tokens, zeros) for c in contexts}
    text = generation(0.5, 0.5 / about["factor"], 1.0, 1.0)
    floors: Any = {"stream": Score(tokens=n_tokens, zero_tokens=0, nats=2.0 * n_tokens)}
    return replace(
        network(test),
        kind=name,
        text=replace(TEXT, tokens=n_tokens),
        floors=floors,
        valid={},
        generation={"greedy": text},
    )


def _score(kind: str, nats: float, tokens: int, zeros: Any) -> Score:
    score = Score(tokens=tokens, zero_tokens=int(zeros.sum()))
    if kind == "scores":
        return replace(score, mean_score_nats=nats / tokens)
    return score if zeros.any() else replace(score, nats=nats, perplexity=math.exp(nats / tokens))


def _translator(name: str, about: Mapping[str, Any]) -> TranslationResult:
    """The first `wrong` sentences lack two words."""
    from gradus.artifacts.places import new_folder
    from gradus.evaluation.translation_models.bleu import bleu, sentence_statistics
    from gradus.evaluation.translation_models.sentence_scores import (
        SENTENCE_SCORES,
        SentenceScores,
        write_sentence_scores,
    )

    references = [SENTENCE] * N_LINES
    hypotheses = [
        SENTENCE.replace("old ", "").replace("near ", "") if i < about["wrong"] else SENTENCE for i in range(N_LINES)
    ]
    with new_folder(Path(f"data/scores/mt/{name}"), SENTENCE_SCORES) as part:
        write_sentence_scores(part, SentenceScores("text", {"beam": sentence_statistics(hypotheses, references)}))
    score, signature = bleu(hypotheses, references)
    return replace(translator({"beam": replace(strategy(score), bleu_signature=signature)}), corpus=name)


def changed(params: Mapping[str, Any], key: str, value: Any) -> dict[str, Any]:
    """Return parameters with another value under a dotted key; without the key if the value is None."""
    head, _, rest = key.partition(".")
    if rest:
        return {**params, head: changed(params[head], rest, value)}
    return {k: v for k, v in {**params, head: value}.items() if v is not None}


def set_params(changes: Mapping[str, Any]) -> None:
    """Change params.yaml in the current folder."""
    params = json.loads(Path("params.yaml").read_text())  # JSON is YAML
    for key, value in changes.items():
        params = changed(params, key, value)
    Path("params.yaml").write_text(json.dumps(params, indent=1))


def set_metric(model: str, key: str, value: Any) -> None:
    """Change or remove a number of a model's metrics, and record the new file in dvc.lock."""
    path, lock = Path(f"metrics/{model}.json"), Path("dvc.lock")
    old = content_hash(path)
    path.write_text(json.dumps(changed(json.loads(path.read_text()), key, value), indent=2) + "\n")
    lock.write_text(lock.read_text().replace(str(old), str(content_hash(path))))
