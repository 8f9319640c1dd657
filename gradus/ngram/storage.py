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


def save_counts(folder: Path, counts: Counts) -> None:
    """Write the counts; the manifest has the number of n-grams and the bytes of every order."""
    orders: dict[str, dict[str, int]] = {}
    with new_folder(folder) as part:
        for level in counts.levels:
            arrays = {"keys": level.keys, "counts": level.counts, "suffixes": level.suffixes}
            size = sum(_write(part, f"{name}.{level.order}", array) for name, array in arrays.items())
            orders[str(level.order)] = {"entries": int(np.count_nonzero(level.counts)), "bytes": size}
        write_json(
            part / MANIFEST,
            {"kind": "counts", "format": FORMAT, "vocabulary_size": counts.vocabulary_size, "orders": orders},
        )


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


def save_fit(folder: Path, fit: Fit) -> None:
    """Write the models of every order; what they share is written once.

    The manifest has, for the model of every order, the n-grams and the bytes that it needs, all its levels
    together, and for every level the name of its files, what was fitted, and warnings.
    """
    with new_folder(folder) as part:
        sizes = {f"keys.{n}": _write(part, f"keys.{n}", keys) for n, keys in enumerate(fit.counts.keys, 1)}
        _write(part, "observed", fit.counts.observed)
        names: dict[int, str] = {}
        orders: dict[str, Any] = {}
        for n, levels in enumerate(fit.models, 1):
            for m, level in enumerate(levels, 1):
                if id(level) not in names:
                    name = names[id(level)] = f"{m}.of{n}"
                    sizes[name] = _write(part, f"log_probs.{name}", level.log_probs)
                    sizes[name] += _write(part, f"log_weights.{name}", level.log_weights)
            tables = [names[id(level)] for level in levels]
            orders[str(n)] = {
                "entries": sum(len(level.log_probs) for level in levels),
                "bytes": sum(sizes[f"keys.{m}"] + sizes[name] for m, name in enumerate(tables, 1)),
                "levels": [{"table": name, **level.fitted} for name, level in zip(tables, levels, strict=True)],
                "warnings": [warning for level in levels for warning in level.warnings],
            }
        write_json(part / MANIFEST, {**_header(fit), "orders": orders})


def _header(fit: Fit) -> dict[str, Any]:
    return {
        "kind": fit.kind,
        "format": FORMAT,
        "vocabulary_size": fit.counts.vocabulary_size,
        "unseen_weight": fit.unseen_weight,
    }


def open_ngram(folder: Path, order: int) -> NgramModel:
    """Memory-map the model of one order that `save_fit` wrote.

    Raises:
        InputError: if files are missing, truncated or of another format, or the order was not fitted.
    """
    manifest = read_manifest(folder, "n-gram model")
    if str(order) not in manifest["orders"]:
        raise InputError(
            folder,
            expected=f"an order from 1 to {len(manifest['orders'])}",
            found=str(order),
            remedy="ask for one of these, or raise count_ngrams.order in params.yaml",
        )
    tables = [level["table"] for level in manifest["orders"][str(order)]["levels"]]
    weight = manifest["unseen_weight"]
    return NgramModel(
        kind=manifest["kind"],
        vocabulary_size=manifest["vocabulary_size"],
        keys=tuple(read_array(folder / f"keys.{m}.npy") for m in range(1, order + 1)),
        levels=tuple(_read_level(folder, name) for name in tables),
        observed=read_array(folder / "observed.npy"),
        unseen_log_weight=math.log(weight) if weight else -math.inf,
    )


def stored_orders(folder: Path) -> list[int]:
    """Return the orders whose models a folder holds, ascending."""
    return [int(order) for order in read_manifest(folder, "n-gram model")["orders"]]


def read_manifest(folder: Path, what: str) -> dict[str, Any]:
    """Read the manifest of counts or models.

    Raises:
        InputError: if there is none, or it is of another format.
    """
    manifest = read_json(folder / MANIFEST)
    if manifest.get("format") != FORMAT or "orders" not in manifest:
        raise InputError(
            folder / MANIFEST,
            expected=f"a manifest of an {what} in format {FORMAT}".replace("an counts", "counts"),
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
