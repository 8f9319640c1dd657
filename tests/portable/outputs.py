"""Run every stage at a small size in this process, and hash its outputs."""

import hashlib
import json
import re
from collections.abc import Iterator
from contextlib import chdir
from importlib import import_module
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from gradus.params import read_file
from gradus.pipeline.overlay import overlay
from tests.narrow import narrow_models

PLACES = ("data", "models", "metrics")
VARIANTS: dict[str, Any] = {
    "train_lm": {
        "rnn_relu": {"like": "rnn", "network": {"nonlinearity": "relu"}},
        "gru_reset_before": {"like": "gru", "network": {"reset": "before"}},
        "lstm_dropout": {"like": "lstm", "network": {"layers": 2, "dropout": 0.2, "tied": True}},
        "lstm_sgd": {"like": "lstm", "training": {"optimizer": "sgd", "learning_rate": 1.0, "schedule": "plateau"}},
    },
    "train_mt": {
        "dot": {"like": "attention", "network": {"attention": {"score": "dot"}}},
        "general_after": {"like": "attention", "network": {"attention": {"score": "general", "position": "after"}}},
        "scheduled_sampling": {"like": "attention", "training": {"teacher_forcing": 0.75, "label_smoothing": 0.1}},
    },
}


def small(params: dict[str, Any]) -> dict[str, Any]:
    """Return the committed parameters with every kind of model, at small size, on a small corpus."""
    wide = overlay(params, VARIANTS)
    models = narrow_models({section: wide[section] for section in VARIANTS})
    changes = {
        "builtin": {"train_lines": 120, "valid_lines": 20, "test_lines": 20},
        "tokenize": {"mt": {"kind": "unigram", "size": 200, "joint": True}},
        "count_ngrams": {"order": 3},
        "decode": {"lm": {"tokens": 12, "texts": 2}, "mt": {"max_length": 12}},
        "evaluate_lm": {"resamples": 100},
        "evaluate_mt": {"min_pairs": 5},
    }
    return overlay({**wide, **models}, changes)


def runs(params: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield each stage with the names of its models or tracks, in a valid order; the name can be empty."""
    for stage in ("acquire", "tokenize"):
        yield from ((stage, track) for track in ("lm", "mt"))
    yield "count_ngrams", ""
    yield from (("smooth_ngrams", name) for name in params["smooth_ngrams"])
    yield from (("train_lm", name) for name in params["train_lm"])
    for name in params["smooth_ngrams"]:
        yield from (("generate_ngram", name), ("evaluate_lm_ngram", name))
    for name in params["train_lm"]:
        yield from (("generate", name), ("evaluate_lm", name))
    for name in params["interpolate"]:
        yield from ((stage, name) for stage in ("interpolate", "generate_mixture", "evaluate_lm_mixture"))
    yield from (("evaluate_lm_adapted", name) for name in params["adapt_lm"])
    for name in params["train_mt"]:
        yield from (("train_mt", name), ("translate", name), ("evaluate_mt", name))
    yield "report", ""


def fingerprints(folder: Path, only: str = "") -> dict[str, str]:
    """Run stages in an empty folder; hash the files that each one writes.

    Args:
        folder: the empty folder.
        only: regular expression that selects runs such as `train_lm lstm`; empty for all.
    Returns:
        Stage and name, such as `train_lm lstm` -> first 16 hex digits of the SHA-256 of its new files.
    """
    params = small(read_file(Path("params.yaml"), dict))
    known: set[Path] = set()
    found = {}
    with chdir(folder):
        for place in ("data/own", "metrics/recipes", "metrics/studies", "benchmarks/results"):
            Path(place).mkdir(parents=True)
        Path("params.yaml").write_text(json.dumps(params))  # JSON is YAML
        for stage, name in runs(params):
            if not re.match(only, f"{stage} {name}"):
                continue
            app = import_module(f"stages.{stage}").app
            done = CliRunner().invoke(app, ["--name", name] if name else [])
            assert done.exit_code == 0, f"{stage} {name}: {done.output}"
            files = {path for place in PLACES for path in Path(place).rglob("*") if path.is_file()}
            found[f"{stage} {name}".strip()] = _digest(files - known)
            known = files
    return found


def _digest(files: set[Path]) -> str:
    digest = hashlib.sha256()
    for path in sorted(files):
        digest.update(f"{path} {hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()[:16]
