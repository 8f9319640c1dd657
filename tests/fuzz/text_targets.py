"""Readers of text, parameters and metrics, with small files for them."""

import gzip
import math
from collections.abc import Mapping
from contextlib import chdir
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from gradus.artifacts.json_files import write_json
from gradus.corpora.acquire import read_source
from gradus.corpora.builtin.sampling import BuiltinConfig
from gradus.corpora.files import read_blocks, read_columns, read_lines
from gradus.corpora.registry import Entry, corpus_names
from gradus.evaluation.bootstrap import BootstrapConfig
from gradus.evaluation.cross_entropy import measures, tally
from gradus.evaluation.neural import ScoringConfig
from gradus.ngram.arpa import write_arpa
from gradus.ngram.arpa_reader import ArpaModel, read_arpa
from gradus.ngram.smoothing import read_smoother
from gradus.params import read_file, read_params, validated
from gradus.pipeline.lock import blocks_of, fault_of, parse, read_entries, read_lock
from gradus.pipeline.mending import mend
from gradus.pipeline.overlay import overlay, overrides
from gradus.pipeline.recipe import read_recipe
from gradus.pipeline.verify import verify
from gradus.reporting.contents import lay_out, tabulate
from gradus.reporting.page import write_page
from gradus.reporting.results import read_results
from gradus.reporting.series import write_series
from gradus.runtime import read_runtime
from gradus.text.tokenizer_config import read_tokenizer_config
from stages.count_ngrams import CountConfig
from stages.evaluate_mt import EvaluateMTConfig
from stages.generate import GenerateConfig
from stages.train_lm import TrainLMConfig
from stages.train_mt import TrainMTConfig
from stages.translate import TranslateConfig
from tests.fuzz import reference
from tests.fuzz.runner import Target, WrongError

TEXT = "the cat sat on\n\nä\u2028b\u0085c\x0cd\x0be\x1cf 😀  g\t h\nthe dog </s> sat\n"


def require(right: bool, what: str) -> None:
    """Raise `WrongError` unless something is as it should be."""
    if not right:
        raise WrongError(what)


def _make_text(folder: Path) -> None:
    (folder / "text.txt").write_bytes(TEXT.encode())
    (folder / "text.src").write_bytes(b"a b\nc\nd e f\n")
    (folder / "text.tgt").write_bytes(b"A B\nC\nD E F\n")


def _read_text(folder: Path) -> object:
    lines = read_lines(folder / "text.txt")
    _require_lines(lines, (folder / "text.txt").read_bytes())
    require(b"".join(read_blocks(folder / "text.txt", size=5)).decode() == "\n".join([*lines, ""]), "other blocks")
    src, tgt = read_columns([folder / "text.src", folder / "text.tgt"])
    require(len(src) == len(tgt) and all(line.strip() for line in (*src, *tgt)), "sides that do not fit")
    return lines, src, tgt


def _require_lines(lines: list[str], content: bytes) -> None:
    require(lines == content.decode().removesuffix("\n").split("\n"), "other lines than those of the file")
    require(bool(content) and not {0, 13} & set(content) and content[:3] != b"\xef\xbb\xbf", "what is to be refused")


def _make_gzip(folder: Path) -> None:
    (folder / "text").write_bytes(TEXT.encode() * 20)
    _compress(folder)


def _compress(folder: Path) -> None:
    if (folder / "text").is_file() and not (folder / "text").is_symlink() and not (folder / "text.gz").is_dir():
        (folder / "text.gz").unlink(missing_ok=True)
        (folder / "text.gz").write_bytes(gzip.compress((folder / "text").read_bytes(), mtime=0))


def _read_gzip(folder: Path) -> object:
    lines = read_lines(folder / "text.gz")
    _require_lines(lines, gzip.decompress((folder / "text.gz").read_bytes()))
    return lines


PARAMS = """
seed: 1
threads: 1
device: cpu
acquire: {lm: {corpus: builtin, language: en}, mt: {corpus: builtin, src: en, tgt: de}}
builtin: {topics: 3, persistence: 0.9, train_lines: 100, valid_lines: 10, test_lines: 20}
tokenize: {lm: {kind: unigram, size: 100}, mt: {kind: word, min_count: 1, joint: true}}
count_ngrams: {order: 5}
smooth_ngrams:
  add_k: {kind: additive, k: fitted}
  jelinek_mercer: {kind: jelinek_mercer, bucket_tokens: 500, tolerance: 1.0e-6, iterations: 500}
  kneser_ney: {kind: modified_kneser_ney, prune: [0]}
train_lm:
  gru:
    network: {kind: gru, reset: after, embedding: 8, hidden: 8, layers: 1, dropout: 0.1, tied: false}
    training: &lm {batch: 16, chunk: 32, carry_state: true, optimizer: adamw, learning_rate: 0.003, weight_decay: 0.01,
      schedule: cosine, warmup_steps: 10, clip_norm: 1.0, epochs: 6, patience: 3}
  transformer:
    network: {kind: transformer, width: 8, heads: 2, layers: 2, feedforward: 8, positions: sinusoidal, window: 16,
      dropout: 0.0, tied: false}
    training: {<<: *lm, learning_rate: 0.004, carry_state: false}
score_lm: {stride: 32, chunk: 1024, batch: 64}
train_mt:
  attention:
    network: {kind: recurrent, cell: gru, bidirectional: true, embedding: 8, hidden: 8, layers: 1, dropout: 0.0,
      tied: false, packed: false, attention: {score: additive, position: before}}
    training: {batch_tokens: 400, short_first: 1, optimizer: sgd, learning_rate: 0.004, weight_decay: 0.01,
      schedule: plateau, warmup_steps: 60, clip_norm: 1.0, epochs: 3, patience: 3, label_smoothing: 0.0,
      teacher_forcing: 1.0}
decode:
  lm:
    tokens: 256
    texts: 32
    strategies: {top_k: {kind: sample, temperature: 1.0, top_k: 40, top_p: 1.0}}
  mt: {batch: 64, max_length: 100, pictures: 2, strategies: {beam: {kind: beam, beam_size: 4, length_penalty: 0.6}}}
evaluate_lm: {resamples: 1000, block: 50, confidence: 0.95}
evaluate_mt: {min_pairs: 100, batch_tokens: 4000}
"""
SECTIONS: dict[str, Any] = {
    "builtin": BuiltinConfig,
    "count_ngrams": CountConfig,
    "train_lm.gru": TrainLMConfig,
    "train_lm.transformer": TrainLMConfig,
    "score_lm": ScoringConfig,
    "train_mt.attention": TrainMTConfig,
    "decode.lm": GenerateConfig,
    "decode.mt": TranslateConfig,
    "evaluate_lm": BootstrapConfig,
    "evaluate_mt": EvaluateMTConfig,
}


def _make_params(folder: Path) -> None:
    (folder / "params.yaml").write_text(PARAMS)


def _read_params(folder: Path) -> object:
    path = folder / "params.yaml"
    values: Any = read_file(path, dict)
    found = {section: _validated(path, values, section, config) for section, config in SECTIONS.items()}
    found["runtime"], found["mt"] = read_runtime(path), read_source(path, "mt")
    found["tokenizer"], found["kneser_ney"] = read_tokenizer_config(path, "mt"), read_smoother(path, "kneser_ney")
    require_plain({key: asdict(value) for key, value in found.items()})
    return found


def _validated(path: Path, values: Any, section: str, config: Any) -> Any:
    """Do what `read_params` does, but for parsing the file again for every section."""
    for key in section.split("."):
        if not isinstance(values, dict) or key not in values:
            return read_params(path, section, config)
        values = values[key]
    return validated(values, f"{path}: {section}", config)


def require_plain(values: Any) -> None:
    """Refuse numbers that are not finite, and text that is no text, at any depth."""
    if isinstance(values, Mapping):
        for key, value in values.items():
            require_plain(key)
            require_plain(value)
    elif isinstance(values, list | tuple):
        for value in values:
            require_plain(value)
    elif isinstance(values, str):
        values.encode()
    elif isinstance(values, float):
        require(math.isfinite(values), f"{values} among the numbers")


def _make_registry(folder: Path) -> None:
    entry = {
        "folder": "multi",
        "prefix": "https://example.org/data/",
        "terms": "free",
        "citation": "Somebody (2016)",
        "largest": 1000,
        "languages": ["en", "de"],
        "splits": {"text": "text.{language}.gz"},
        "files": {f"text.{language}.gz": "0123456789abcdef" * 4 for language in ("en", "de")},
    }
    write_json(folder / "registry.yaml", {"corpora": {"multi": entry}})


def _read_registry(folder: Path) -> object:
    path = folder / "registry.yaml"
    entries = {name: read_params(path, f"corpora.{name}", Entry) for name in corpus_names(path)}
    for entry in entries.values():
        named = [entry.file(split, language) for split in entry.splits for language in entry.languages]
        require(all(not {"/", "\0"} & set(name) and name not in (".", "..") for name in (*named, entry.folder)), "path")
        require(entry.prefix.startswith("https://") and entry.prefix.isascii(), "an address")
        require((entry.terms + entry.citation).isprintable(), "what must not be printed")
    return entries


RECIPE = """
description: byte pairs
tracks: [lm]
params:
  tokenize: {lm: {kind: bpe, size: 50}}
  smooth_ngrams: {add_k: null, more: {like: kneser_ney, prune: [0, 1]}}
  train_lm:
    gru: {network: {hidden: 4, tied: true}, training: &slow {epochs: 2}}
    rnn: {training: {<<: *slow, batch: 2}}
"""
BASE = """
tokenize: {lm: {kind: word, min_count: 1}}
smooth_ngrams: {add_k: {kind: additive, k: 1.0}, kneser_ney: {kind: kneser_ney, prune: [0]}}
train_lm:
  gru: {network: {kind: gru, hidden: 8, tied: false}, training: {epochs: 6, batch: 16}}
  rnn: {network: {kind: rnn, hidden: 8}, training: {epochs: 6, batch: 16}}
"""


def _make_recipe(folder: Path) -> None:
    (folder / "params.yaml").write_text(BASE)
    (folder / "one.yaml").write_text(RECIPE)


def _read_recipe(folder: Path) -> object:
    recipe = read_recipe("one", folder)
    base: dict[str, Any] = read_file(folder / "params.yaml", dict)
    params = overlay(base, recipe.params)
    require_plain(params)
    return recipe, params, list(overrides(base, params))


ARPA = """\\data\\
ngram 1=6
ngram 2=4
ngram 3=2

\\1-grams:
-2\t<unk>
-99\t<s>\t-0.5
-1\t</s>
-0.5\ta\t-0.25
-1\tb\t-0.125
-1.5\tc

\\2-grams:
-0.25\t<s> a\t-0.5
-0.5\ta b\t-1
-0.75\tb a\t0
-1.25\ta <unk>

\\3-grams:
-0.125\t<s> a b
-0.25\ta b c

\\end\\
"""
LINES = [["a", "b", "c"], ["b", "a"], [], ["zebra", "a", "b", "a"], ["a", "zebra"]]


def _make_arpa(folder: Path) -> None:
    (folder / "one.arpa").write_text(ARPA)
    arpa = read_arpa(folder / "one.arpa")
    write_arpa(folder / "two.arpa.gz", arpa.model, arpa.pieces)


def _read_arpa(folder: Path) -> object:
    return [_read_one_arpa(folder / name) for name in ("one.arpa", "two.arpa.gz")]


def _read_one_arpa(path: Path) -> object:
    arpa = read_arpa(path)
    found = _log10(arpa)
    content = path.read_bytes()
    slow = reference.read(
        (gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content).decode(errors="replace")
    )
    expected = [reference.score(slow, line, arpa.model.order) for line in LINES]
    same = np.isclose(np.concatenate(found), np.concatenate(expected), rtol=1e-5, atol=1e-5)
    require(bool(same.all()), f"other scores: {found} for {expected}")
    measures(tally(-np.concatenate(found)))
    return found


def _log10(arpa: ArpaModel) -> list[Any]:
    ids = {piece: number for number, piece in enumerate(arpa.pieces) if number > 3}
    lines = [np.array([*(ids.get(word, 1) for word in line), 3]) for line in LINES]
    return [arpa.model.log_probs(line) / math.log(10) for line in lines]


def _score(perplexity: float) -> dict[str, Any]:
    return {"tokens": 100, "zero_tokens": 0, "perplexity": perplexity, "nats_per_token": 2.5, "bits_per_char": 1.5}


def _language_model(**more: Any) -> dict[str, Any]:
    lengths = {"repeated_4grams": 0.25, "distinct_2": 0.5, "grammatical_share": 1.0, "nats_per_token": 0.5}
    return {
        "corpus": "builtin",
        "tokenizer": {"kind": "word", "size": 50},
        "text": {"lines": 5, "tokens": 100},
        "kind": "katz",
        "floors": {"line": {"perplexity": 10.0}, "stream": {"perplexity": 8.0}},
        "test": {"line": _score(20.0), "stream": _score(18.0)},
        "natural_text": {"repeated_4grams": 0.01, "distinct_2": 0.9},
        "generation": {"greedy": lengths},
        "model": {"entries": 1234, "bytes": 5678, "parameters": 99},
    } | more


def _make_metrics(folder: Path) -> None:
    order = {"test": _score(40.0), "unseen_share": 0.25, "entries": 10, "bytes": 100}
    scores = {"bleu": 20.0, "bleu_lowercase": 21.0, "bleu_signature": "s", "chrf": 50.0, "exact_match": 0.1}
    scores |= {"by_source_length": {"1-10": {"pairs": 9, "bleu": 30.0}, "31+": {"pairs": 9, "bleu": 9.0}}}
    translator = {"strategies": {"beam": scores}, "teacher_forced": {"perplexity": 2.0, "token_accuracy": 0.8}}
    history = [{"epoch": 1.0, "step": 5.0, "valid_nats_per_token": 4.0, "gradient_norm_mean": 1.0}]
    said = [{"source": "a b", "hypothesis": "c", "reference": "d"}]
    attention = [{"src": ["a", "b"], "tgt": ["c"], "weights": [[1.0, 0.0]]}]
    fitted = {"1": {"discounts": [0.5]}, "2": {"weights": [0.1, 0.2], "least_count": [1, 5]}}
    mean = {"lm": {"gru": _language_model()}, "mt": {"plain": translator}}
    files = {
        "lm/katz": _language_model(orders={"1": order, "2": order}),
        "lm/gru": _language_model(),
        "mt/plain": translator,
        "details/lm/katz": {"texts": {"greedy": ["a <b>\n"]}, "history": [], "fitted": fitted},
        "details/lm/gru": {"texts": {}, "history": history, "fitted": {}},
        "details/mt/plain": {"history": history, "translations": said, "attention": attention},
        "recipes/one": {"description": "d", "seeds": [1, 2], "mean": mean, "deviation": mean},
    }
    for name, content in files.items():
        (folder / f"{name}.json").parent.mkdir(parents=True, exist_ok=True)
        write_json(folder / f"{name}.json", content)


def _read_metrics(folder: Path) -> object:
    names = {"smooth_ngrams": ["katz"], "train_lm": ["gru"], "train_mt": ["plain"]}
    results = read_results(folder, names)
    tables = tabulate(results, {"lm": ["greedy"], "mt": ["beam"]})
    made = folder / "made"
    made.mkdir()
    write_series(results, made, ["greedy"])
    write_page(made / "index.html", *lay_out(results, tables, made))
    text = (made / "index.html").read_text()
    require("<script" not in text and "\x1b" not in text, "markup of the metrics on the page")
    return [table.markdown() for table in tables.values()], text


LOCK = """schema: '2.0'
stages:
  acquire@lm:
    cmd: exec python -m stages.acquire --name lm
    deps:
    - path: data/own
      hash: md5
      md5: d751713988987e9331980363e24189ce.dir
      size: 0
      nfiles: 0
    params:
      params.yaml:
        acquire.lm.corpus: builtin
        seed: 1
    outs:
    - path: lm
      hash: md5
      md5: ab2e91841361f8c143a7520a73a8dcad.dir
      size: 114634
      nfiles: 22
  tokenize@lm:
    cmd: exec python -m stages.tokenize --name lm
    outs:
    - path: one
      hash: md5
      md5: 592a3d9ad75d2bcfae22ca1d0b7f09fe
      size: 4514
"""


def _make_lock(folder: Path) -> None:
    for name, text in {"dvc.lock": LOCK, ".gradus/dvc.lock": LOCK, ".dvc/tmp/rwlock": "{}", "one": "1"}.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)


def _read_lock(folder: Path) -> object:
    """Mend; what is left is whole, and of the one text or of the other."""
    texts = [text for name in ("dvc.lock", ".gradus/dvc.lock") if (text := read_lock(folder / name))]
    with chdir(folder):
        mend()
        entries = read_entries(Path("dvc.lock"))
        findings = list(verify(Path("dvc.lock"), folder, entries))
    blocks = blocks_of((folder / "dvc.lock").read_text())
    require(all(any(block in text for text in texts) for block in blocks.values()), "made-up entries")
    if fault_of(texts[0]) and not fault_of(texts[-1]):
        require(set(entries) >= set(parse(texts[-1]).get("stages", {})), "lost entries")
    return entries, findings


TARGETS = {
    "dvc_lock": Target(_make_lock, _read_lock, guarded=False, cases=60),
    "params": Target(_make_params, _read_params, guarded=False, cases=30),
    "registry": Target(_make_registry, _read_registry, guarded=False, cases=30),
    "recipe": Target(_make_recipe, _read_recipe, guarded=False, cases=30),
    "text": Target(_make_text, _read_text, guarded=False, cases=400),
    "gzip": Target(_make_gzip, _read_gzip, _compress, guarded=False, cases=300),
    "arpa": Target(_make_arpa, _read_arpa, guarded=False),
    "metrics": Target(_make_metrics, _read_metrics, guarded=False, cases=60),
}
