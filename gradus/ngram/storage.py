"""Counts and fitted models on disk: one array a file, read by memory map, and a manifest."""

import math
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradus.artifacts import new_folder, read_array, read_json, write_array, write_json
from gradus.errors import InputError
from gradus.ngram.counts import CountLevel, Counts
from gradus.ngram.estimates import Level
from gradus.ngram.model import NgramModel
from gradus.ngram.smoothing import Fit

FORMAT = 1
"""Version of both manifests; another one is refused."""

MANIFEST = "manifest.json"


def save_counts(folder: Path, counts: Counts, tokenizer_sha256: str) -> None:
    """Write the counts, and in the manifest the distinct n-grams of the text and the bytes of every order."""
    orders: dict[str, dict[str, int]] = {}
    with new_folder(folder) as part:
        for level in counts.levels:
            arrays = {"keys": level.keys, "counts": level.counts, "suffixes": level.suffixes}
            size = sum(_write(part, f"{name}.{level.order}", array) for name, array in arrays.items())
            orders[str(level.order)] = {"entries": int(np.count_nonzero(level.counts)), "bytes": size}
        header = _header("counts", counts.vocabulary_size, tokenizer_sha256)
        write_json(part / MANIFEST, {**header, "orders": orders})


def open_counts(folder: Path) -> Counts:
    """Memory-map the counts that `save_counts` wrote.

    Raises:
        InputError: if files are missing, truncated or of another format.
    """
    manifest = read_manifest(folder, "counts")
    size, below, levels = manifest["vocabulary_size"], 1, []
    for n in range(1, len(manifest["orders"]) + 1):
        keys, counts, suffixes = (read_array(folder / f"{name}.{n}.npy") for name in ("keys", "counts", "suffixes"))
        levels.append(CountLevel(n, size, below, keys, counts, suffixes))
        below = len(keys)
    return Counts(size, tuple(levels))


def save_fit(folder: Path, fit: Fit, tokenizer_sha256: str) -> None:
    """Write the models of every order; tables that they share are written once.

    The manifest has, for every order n, the distinct n-grams of the training text, and the entries and bytes
    that the model of this order takes, all its tables together; for every table what was fitted.
    """
    names = _table_names(fit)
    tables = {name: level for order in zip(names, fit.models, strict=True) for name, level in zip(*order, strict=True)}
    with new_folder(folder) as part:
        _write(part, "observed", fit.counts.observed)
        keys = [_write(part, f"keys.{n}", array) for n, array in enumerate(fit.counts.keys, 1)]
        sizes = {
            name: _write(part, f"log_probs.{name}", level.log_probs)
            + _write(part, f"log_weights.{name}", level.log_weights)
            for name, level in tables.items()
        }
        orders = {
            str(n): {
                "entries": int(np.count_nonzero(fit.counts.levels[n - 1].counts)),
                "stored": sum(len(array) for array in fit.counts.keys[:n]),
                "bytes": sum(keys[:n]) + sum(sizes[name] for name in names[n - 1]),
                "tables": names[n - 1],
            }
            for n in range(1, fit.counts.order + 1)
        }
        description = {
            **_header(fit.kind, fit.counts.vocabulary_size, tokenizer_sha256),
            "unseen_weight": fit.unseen_weight,
            "orders": orders,
            "fitted": {name: level.fitted for name, level in tables.items()},
            "warnings": fit.warnings(),
        }
        write_json(part / MANIFEST, description)


def _table_names(fit: Fit) -> list[list[str]]:
    """Name the levels of every model: `m.ofn` is order m in the model of order n, and in longer ones that share it."""
    names: dict[int, str] = {}
    for n, levels in enumerate(fit.models, 1):
        for m, level in enumerate(levels, 1):
            names.setdefault(id(level), f"{m}.of{n}")
    return [[names[id(level)] for level in levels] for levels in fit.models]


def _header(kind: str, vocabulary_size: int, tokenizer_sha256: str) -> dict[str, Any]:
    return {
        "kind": kind,
        "format": FORMAT,
        "vocabulary_size": vocabulary_size,
        "tokenizer_sha256": tokenizer_sha256,
    }


def open_ngram(folder: Path, order: int) -> NgramModel:
    """Memory-map the model of one order that `save_fit` wrote.

    Raises:
        InputError: if files are missing, truncated or of another format, or the order was not fitted.
    """
    manifest = read_manifest(folder, "n-gram models")
    if str(order) not in manifest["orders"]:
        raise InputError(
            folder,
            expected=f"an order from 1 to {len(manifest['orders'])}",
            found=str(order),
            remedy="ask for one of these, or raise count_ngrams.order in params.yaml",
        )
    weight = manifest["unseen_weight"]
    return NgramModel(
        kind=manifest["kind"],
        vocabulary_size=manifest["vocabulary_size"],
        keys=tuple(read_array(folder / f"keys.{m}.npy") for m in range(1, order + 1)),
        levels=tuple(_read_level(folder, name) for name in manifest["orders"][str(order)]["tables"]),
        observed=read_array(folder / "observed.npy"),
        unseen_log_weight=math.log(weight) if weight else -math.inf,
    )


def stored_orders(folder: Path) -> list[int]:
    """Return the orders whose models a folder holds, ascending."""
    return [int(order) for order in read_manifest(folder, "n-gram models")["orders"]]


def read_manifest(folder: Path, what: str) -> dict[str, Any]:
    """Read the manifest of counts or models.

    Raises:
        InputError: if there is none, or it is of another format.
    """
    manifest = read_json(folder / MANIFEST)
    if manifest.get("format") != FORMAT or "orders" not in manifest:
        raise InputError(
            folder / MANIFEST,
            expected=f"a manifest of {what} in format {FORMAT}",
            found=f"format {manifest.get('format')!r}",
            remedy="run the stage that writes it again (dvc repro)",
        )
    return manifest


def _read_level(folder: Path, name: str) -> Level:
    return Level(read_array(folder / f"log_probs.{name}.npy"), read_array(folder / f"log_weights.{name}.npy"))


def _write(folder: Path, name: str, array: NDArray[Any]) -> int:
    """Write one array and return the bytes of its file."""
    path = folder / f"{name}.npy"
    write_array(path, array)
    return path.stat().st_size
