"""Stages that read what other stages wrote: evaluation and report, from their inputs to their outputs."""

import io
from collections.abc import Callable
from contextlib import redirect_stdout
from pathlib import Path
from xml.etree import ElementTree

import numpy as np

from gradus.artifacts.arrays import write_array
from gradus.artifacts.json_files import read_json, write_json
from gradus.artifacts.seals import write_seal
from gradus.corpora.files import CORPUS
from gradus.decoding.records import TEXTS, Record, write_records
from gradus.ngram.counting.counts import count_ngrams
from gradus.ngram.scoring.storage import MODELS
from gradus.ngram.smoothing.fit import fit, write_fit
from gradus.ngram.smoothing.modified_kneser_ney import ModifiedKneserNey
from gradus.text.token_ids import TOKENS
from gradus.text.tokenized import train_tokenizers, write_tokenized
from gradus.text.tokenizers.config import WordConfig
from gradus.weights import NETWORK
from stages import evaluate_lm, evaluate_lm_ngram, evaluate_mt, report
from tests.fuzz.network_targets import write_language_model, write_translator
from tests.fuzz.report_targets import make_metrics
from tests.fuzz.runner import Target
from tests.fuzz.samples import IDS, LINES, TOKENIZER, made, made_model, require, require_plain, reseal

PARAMS = {
    "seed": 1,
    "threads": 1,
    "processes": 1,
    "numerics": "portable",
    "device": "cpu",
    "builtin": {"seed": 1, "topics": 3, "persistence": 0.9, "train_lines": 9, "valid_lines": 3, "test_lines": 5},
    "evaluate_lm": {"resamples": 100, "block": 2, "confidence": 0.95},
    "score_lm": {"stride": 4, "chunk": 8, "batch": 4},
    "evaluate_mt": {"min_pairs": 1, "batch_tokens": 100},
    "smooth_ngrams": {"katz": {}},
    "train_lm": {"gru": {}},
    "interpolate": {"both": {}},
    "adapt_lm": {},
    "train_mt": {"plain": {}},
    "decode": {"lm": {"strategies": {"greedy": {}}}, "mt": {"strategies": {"beam": {}}}},
}


def _write_corpus(folder: Path, about: dict[str, object], sides: tuple[str, ...]) -> None:
    """Write `raw` and `tokens` of a few lines."""
    texts = {f"{split}{side}": LINES[:n] for split, n in (("train", 9), ("valid", 3), ("test", 5)) for side in sides}
    raw, tokens = made(folder / "raw"), made(folder / "tokens")
    for name, lines in texts.items():
        (raw / (name if "." in name else f"{name}.txt")).write_text("\n".join([*lines, ""]))
    source: dict[str, object] = {**about, "test_lines_seen_in_training": 5}
    for split, n in (("valid", 3), ("test", 5)):
        floors = np.linspace(1, 2, n)
        write_array(raw / f"{split}.floor.npy", floors)
        source[split] = {"line_floor_nats": float(floors.sum()), "stream_floor_nats": 1.5}
    write_json(raw / "source.json", source)
    write_seal(raw, CORPUS)
    write_tokenized(tokens, train_tokenizers(WordConfig(kind="word", min_count=1), {"train": LINES}, joint=True), texts)
    write_seal(tokens, TOKENS)
    write_json(folder / "params.yaml", PARAMS)  # JSON is YAML


def _make_ngrams(folder: Path) -> None:
    _make_lm(folder)
    counts = count_ngrams(TOKENIZER.encode_lines(LINES), order=2, vocabulary_size=TOKENIZER.size)
    smoother = ModifiedKneserNey(kind="modified_kneser_ney", prune=[0])
    write_fit(made_model(folder / "models" / "one"), fit(smoother, counts, IDS), TOKENIZER.sha256)
    write_seal(folder / "models" / "one", MODELS)


def _make_network(folder: Path) -> None:
    _make_lm(folder)
    write_language_model(folder / "models" / "one", "transformer")


def _make_lm(folder: Path) -> None:
    """Write the corpus and the generated texts of a language model."""
    _write_corpus(folder, {"corpus": "builtin", "language": "en"}, ("",))
    write_records(made(folder / "texts" / "one") / "greedy.jsonl", [Record("a\nb", [4, 3, 5], -1.25, -1.25)])
    write_seal(folder / "texts" / "one", TEXTS)


def _make_mt(folder: Path) -> None:
    _write_corpus(folder, {"corpus": "multi30k", "src": "en", "tgt": "de"}, (".src", ".tgt"))
    write_translator(folder / "models" / "one", "attention")
    place = made(folder / "texts" / "one")
    write_records(place / "beam.jsonl", [Record(line, [4, 3], -1.25, -0.5) for line in LINES[:5]])
    write_json(place / "attention.json", {"pictures": [{"src": ["a"], "tgt": ["b"], "weights": [[1.0]]}]})
    write_seal(place, TEXTS)


def _evaluated(main: Callable[..., None], texts: str, folder: Path) -> object:
    places = {"raw": "raw", "tokens": "tokens", "models": "models", texts: "texts", "params": "params.yaml"}
    with redirect_stdout(io.StringIO()) as said:
        main("one", **{option: folder / name for option, name in places.items()},
             metrics=folder / "metrics", details=folder / "details", scores=folder / "scores")  # fmt: skip
    found = [read_json(folder / name / "one.json") for name in ("metrics", "details")]
    require_plain(found)
    return found, said.getvalue()


def _make_report(folder: Path) -> None:
    make_metrics(folder / "metrics")
    write_json(folder / "params.yaml", PARAMS)


def _read_report(folder: Path) -> object:
    places = {name: folder / "made" / name for name in ("tables", "plots", "series", "page")}
    with redirect_stdout(io.StringIO()):
        report.main(folder / "metrics", benchmarks=folder / "benchmarks", params=folder / "params.yaml", **places)
    for path in places["plots"].iterdir():
        ElementTree.fromstring(path.read_bytes())
    page = (places["page"] / "index.html").read_text()
    require("<script" not in page and "\x1b" not in page, "markup of the metrics on the page")
    return {str(path): path.read_bytes() for path in sorted((folder / "made").rglob("*.*"))}


def _read_ngrams(folder: Path) -> object:
    return _evaluated(evaluate_lm_ngram.main, "generated", folder)


def _read_network(folder: Path) -> object:
    return _evaluated(evaluate_lm.main, "generated", folder)


def _read_mt(folder: Path) -> object:
    return _evaluated(evaluate_mt.main, "translated", folder)


_CORPUS = (("raw", CORPUS), ("tokens", TOKENS), ("texts/one", TEXTS))
TARGETS = {
    "evaluate_lm": Target(
        _make_network, _read_network, reseal(*_CORPUS, ("models/one", NETWORK)), guarded=False, cases=12
    ),
    "evaluate_lm_ngram": Target(
        _make_ngrams, _read_ngrams, reseal(*_CORPUS, ("models/one", MODELS)), guarded=False, cases=12
    ),
    "evaluate_mt": Target(_make_mt, _read_mt, reseal(*_CORPUS, ("models/one", NETWORK)), guarded=False, cases=12),
    "report": Target(_make_report, _read_report, guarded=False, cases=5),
}
