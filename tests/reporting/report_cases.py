"""Made-up metrics of a handful of models."""

import json
from pathlib import Path
from typing import Any

PARAMS = """
numerics: portable
smooth_ngrams: {mle: {}, modified_kneser_ney: {}}
train_lm: {lstm: {}}
train_mt: {plain: {}, attention: {}}
decode:
  lm: {strategies: {greedy: {}, nucleus: {}}}
  mt: {strategies: {greedy: {}, beam: {}}}
"""


def score(perplexity: float, **more: float) -> dict[str, Any]:
    return {"tokens": 100, "zero_tokens": 0, "perplexity": perplexity, "bits_per_char": 1.5} | more


def language_model(line: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "corpus": "builtin",
        "tokenizer": {"kind": "word", "size": 50},
        "floors": {"line": {"perplexity": 10.0}, "stream": {"perplexity": 8.0}},
        "test": {"line": line},
        "natural_text": {"repeated_4grams": 0.01, "distinct_2": 0.9},
        "generation": {
            "greedy": {"repeated_4grams": 0.9, "distinct_2": 0.1, "grammatical_share": 1.0, "nats_per_token": 0.5},
            "nucleus": {"repeated_4grams": 0.02, "distinct_2": 0.8, "grammatical_share": 0.5, "nats_per_token": 2.0},
        },
        "model": {"entries": 1234},
    } | more


def ngrams(zero: bool) -> dict[str, Any]:
    card = {"tokens": 100, "zero_tokens": 7} if zero else score(20.0)
    orders = {
        order: {"test": card if order == "2" else score(40.0), "unseen_share": share, "entries": 10, "bytes": 100}
        for order, share in (("1", 0.0), ("2", 0.25))
    }
    return language_model(card, orders=orders)


def translator(short: float, long: float) -> dict[str, Any]:
    lengths = {"1-10": {"pairs": 100, "bleu": short}, "31+": {"pairs": 100, "bleu": long}}
    scores = {"bleu": (short + long) / 2, "bleu_signature": "s", "chrf": 50.0, "exact_match": 0.1}
    strategies = {name: scores | {"by_source_length": lengths} for name in ("greedy", "beam")}
    return {"strategies": strategies, "teacher_forced": {"perplexity": 2.0, "token_accuracy": 0.8}}


HISTORY = [
    {"step": step, "valid_nats_per_token": 4.0 / step, "gradient_norm_mean": 1.0, "epoch": step} for step in (1, 2)
]


def files() -> dict[str, Any]:
    """Return the content of every file of metrics, by its place without the ending."""
    lstm = language_model(score(15.0), model={"parameters": 4321})
    lstm["test"]["stream"] = score(12.0)
    return {
        "lm/mle": ngrams(zero=True),
        "lm/modified_kneser_ney": ngrams(zero=False),
        "lm/lstm": lstm,
        "lm/removed_from_params": {},
        "mt/plain": translator(40.0, 10.0),
        "mt/attention": translator(42.0, 38.0),
        "details/lm/mle": {"texts": {"greedy": ["<b>a & b</b>"]}, "history": []},
        "details/lm/modified_kneser_ney": {"texts": {}, "history": []},
        "details/lm/lstm": {"texts": {}, "history": HISTORY},
        "details/mt/plain": {"history": HISTORY, "translations": []},
        "details/mt/attention": {
            "history": HISTORY,
            "translations": [{"source": "a b", "hypothesis": "c d", "reference": "c e"}],
            "attention": [{"src": ["a", "b"], "tgt": ["c", "d"], "weights": [[1.0, 0.0], [0.5, 0.5]]}],
        },
    }


def write(folder: Path, contents: dict[str, Any]) -> None:
    """Write params.yaml and the files of metrics."""
    folder.mkdir(exist_ok=True)
    (folder / "params.yaml").write_text(PARAMS)
    for name, content in contents.items():
        path = folder / "metrics" / f"{name}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(content))
