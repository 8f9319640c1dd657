"""Readers of YAML: parameters, the registry, recipes, dvc.lock."""

from contextlib import chdir
from dataclasses import asdict
from pathlib import Path
from typing import Any

from gradus.artifacts.json_files import write_json
from gradus.corpora.acquire import read_source
from gradus.corpora.builtin.sampling import BuiltinConfig
from gradus.corpora.entry import Entry
from gradus.corpora.registry import corpus_names
from gradus.corpora.sources.https import Https
from gradus.errors import InputError
from gradus.evaluation.adaptation.cache import CacheConfig
from gradus.evaluation.adaptation.dynamic import DynamicConfig
from gradus.evaluation.bootstrap import BootstrapConfig
from gradus.evaluation.neural import ScoringConfig
from gradus.evaluation.translation_models.translations import EvaluateMTConfig
from gradus.faults import describe
from gradus.inference.generation import GenerateConfig
from gradus.inference.translation import TranslateConfig
from gradus.mixtures.config import MixtureConfig
from gradus.ngram.smoothing.smoothers import read_smoother
from gradus.params import read_file, read_params, validated
from gradus.pipeline.lock import blocks_of, fault_of, parse, read_entries, read_lock
from gradus.pipeline.mending import mend
from gradus.pipeline.overlay import overlay, overrides
from gradus.pipeline.recipe import read_recipe
from gradus.pipeline.verify import verify
from gradus.review.policy import CIConfig
from gradus.runtime import read_runtime
from gradus.text.tokenizers.config import read_tokenizer_config
from stages.count_ngrams import CountConfig
from stages.train_lm import TrainLMConfig
from stages.train_mt import TrainMTConfig
from tests.fuzz.runner import Target
from tests.fuzz.samples import require, require_plain

PARAMS = """
seed: 1
threads: 1
numerics: portable
device: cpu
acquire: {lm: {corpus: builtin, language: en}, mt: {corpus: builtin, src: en, tgt: de}}
builtin: {seed: 1, topics: 3, persistence: 0.9, train_lines: 100, valid_lines: 10, test_lines: 20}
tokenize: {lm: {kind: unigram, size: 100}, mt: {kind: word, min_count: 1, joint: true}}
count_ngrams: {order: 5}
smooth_ngrams:
  add_k: {kind: additive, k: fitted}
  jelinek_mercer: {kind: jelinek_mercer, bucket_tokens: 500, tolerance: 1.0e-6, iterations: 500}
  kneser_ney: {kind: modified_kneser_ney, prune: [0]}
train_lm:
  gru:
    network: {kind: gru, reset: after, embedding: 8, hidden: 8, layers: 1, dropout: 0.1, tied: false,
      initial: uniform, skip: none}
    training: &lm {batch: 16, chunk: 32, carry_state: true, chunk_jitter: 0,
      penalties: {activation: 0.0, temporal: 0.0}, read: stream,
      optimizer: adamw, learning_rate: 0.003, weight_decay: 0.01,
      schedule: cosine, warmup_steps: 10, clip_by: norm, precision: float32,
      average: none, clip: 1.0, epochs: 6, patience: 3}
  transformer:
    network: {kind: transformer, width: 8, heads: 2, layers: 2, feedforward: 8, positions: sinusoidal, window: 16,
      dropout: 0.0, tied: false}
    training: {<<: *lm, learning_rate: 0.004, carry_state: false}
interpolate: {both: {kind: linear, models: [gru, add_k], tolerance: 1.0e-6, iterations: 500}}
adapt_lm:
  cache: {kind: cache, model: gru, weight: 0.1, theta: 1.0, window: 500}
  dynamic: {kind: dynamic, model: gru, segment: 5, learning_rate: 5.0e-5, decay: 0.002, epsilon: 2.0e-5, batch: 100}
score_lm: {stride: 32, chunk: 1024, batch: 64}
train_mt:
  attention:
    network: {kind: recurrent, cell: gru, bidirectional: true, embedding: 8, hidden: 8, layers: 1, dropout: 0.0,
      tied: false, packed: false, attention: {score: additive, position: before}}
    training: {batch_tokens: 400, short_first: 1, optimizer: sgd, learning_rate: 0.004, weight_decay: 0.01,
      schedule: plateau, warmup_steps: 60, clip_by: norm, precision: float32,
      average: none, clip: 1.0, epochs: 3, patience: 3,
      label_smoothing: 0.0, teacher_forcing: 1.0}
decode:
  lm:
    tokens: 256
    texts: 32
    prompt_tokens: 4
    strategies: {top_k: {kind: sample, temperature: 1.0, top_k: 40, top_p: 1.0}}
  mt: {batch: 64, max_length: 100, pictures: 2, strategies: {beam: {kind: beam, beam_size: 4, length_penalty: 0.6}}}
evaluate_lm: {resamples: 1000, block: 50, confidence: 0.95}
evaluate_mt: {min_pairs: 100, batch_tokens: 4000}
ci: {tolerance: 0.001}
"""


SECTIONS: dict[str, Any] = {
    "builtin": BuiltinConfig,
    "count_ngrams": CountConfig,
    "train_lm.gru": TrainLMConfig,
    "train_lm.transformer": TrainLMConfig,
    "interpolate.both": MixtureConfig,
    "adapt_lm.cache": CacheConfig,
    "adapt_lm.dynamic": DynamicConfig,
    "score_lm": ScoringConfig,
    "train_mt.attention": TrainMTConfig,
    "decode.lm": GenerateConfig,
    "decode.mt": TranslateConfig,
    "evaluate_lm": BootstrapConfig,
    "evaluate_mt": EvaluateMTConfig,
    "ci": CIConfig,
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


def _make_registry(folder: Path) -> None:
    hub = {"kind": "hf", "dataset": "org/name", "config": "default", "revision": "0" * 40, "split": "train"}
    sources = {
        "train": {**hub, "columns": {"en": "text.en", "de": "text.de"}},
        "valid": {"kind": "https", "address": "https://example.org/data/{file}"},
        "test": {"kind": "sacrebleu", "test_set": "wmt14", "direction": "en-de"},
    }
    entry = {
        "folder": "multi",
        "terms": "free",
        "citation": "Somebody (2016)",
        "largest": 1000,
        "languages": ["en", "de"],
        "splits": dict.fromkeys(sources, "text.{language}.gz"),
        "sources": sources,
        "files": {f"text.{language}.gz": "0123456789abcdef" * 4 for language in ("en", "de")},
    }
    write_json(folder / "registry.yaml", {"corpora": {"multi": entry}})


def _read_registry(folder: Path) -> object:
    path = folder / "registry.yaml"
    entries = {name: read_params(path, f"corpora.{name}", Entry) for name in corpus_names(path)}
    for entry in entries.values():
        named = [entry.file_name(split, language) for split in entry.splits for language in entry.languages]
        require(all(not {"/", "\0"} & set(name) and name not in (".", "..") for name in (*named, entry.folder)), "path")
        addresses = [source.address for source in entry.sources.values() if isinstance(source, Https)]
        require(all(address.startswith("https://") and address.isascii() for address in addresses), "an address")
        origins = [source.origin("", "") for source in entry.sources.values()]
        require(all(map(str.isprintable, (entry.terms, entry.citation, *origins))), "what must not be printed")
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
        try:
            mend()
        except OSError as error:  # a link to where nothing can be written
            require(describe(error)[1] == 2, str(error))
            raise InputError(folder, expected="a place to write to", found="another", remedy="none") from None
        entries = read_entries(Path("dvc.lock"))
        findings = list(verify(Path("dvc.lock"), folder, entries))
    blocks = blocks_of(read_lock(folder / "dvc.lock") or "")
    require(all(any(block in text for text in texts) for block in blocks.values()), "made-up entries")
    if fault_of(texts[0]) and not fault_of(texts[-1]):
        require(set(entries) >= set(parse(texts[-1]).get("stages", {})), "lost entries")
    return entries, findings


TARGETS = {
    "params": Target(_make_params, _read_params, guarded=False, cases=30),
    "registry": Target(_make_registry, _read_registry, guarded=False, cases=30),
    "recipe": Target(_make_recipe, _read_recipe, guarded=False, cases=30),
    "dvc_lock": Target(_make_lock, _read_lock, guarded=False, cases=60),
}
