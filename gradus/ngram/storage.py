"""Counts and fitted models on disk: one array a file, read by memory map, and a manifest."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gradus.artifacts.arrays import read_array, write_array
from gradus.artifacts.json_files import read_json, write_json
from gradus.errors import InputError
from gradus.ngram.counts import Counts
from gradus.ngram.model import NgramModel
from gradus.ngram.trie import Tables, Trie

if TYPE_CHECKING:  # the smoothers take longer to import than a model to open
    from gradus.ngram.smoothing import Fit

FORMAT = 2
"""Version of both manifests; another one is refused."""

MANIFEST = "manifest.json"
TRIE = ("words", "begins", "suffixes")
TABLES = ("log_probs", "log_weights")


@dataclass(frozen=True)
class Notes:
    """What the manifest of models says besides: what was fitted, by order of the model, and warnings."""

    fitted: Mapping[int, Mapping[str, Any]]
    warnings: Sequence[str]


def write_counts(folder: Path, counts: Counts, tokenizer_sha256: str) -> None:
    """Write the counts, and in the manifest the distinct n-grams of the text and the bytes of every order."""
    _write_trie(folder, counts.trie)
    write_array(folder / "counts.npy", counts.counts)
    sizes = [_bytes(counts.trie.up_to(n), TRIE) for n in range(1, counts.order + 1)]
    orders = {
        str(n): {"entries": int(np.count_nonzero(counts.of(n))), "bytes": after - before + counts.of(n).nbytes}
        for n, before, after in zip(range(1, counts.order + 1), [0, *sizes], sizes, strict=False)
    }
    write_json(folder / MANIFEST, {**_header("counts", counts.trie, tokenizer_sha256), "orders": orders})


def open_counts(folder: Path) -> Counts:
    """Memory-map the counts that `write_counts` wrote.

    Raises:
        InputError: if files are missing, truncated or of another format.
    """
    trie = _open_trie(folder, read_manifest(folder, "counts"))
    return Counts(trie, _read(folder / "counts.npy", trie.size))


def write_models(folder: Path, models: Sequence[NgramModel], tokenizer_sha256: str, notes: Notes) -> None:
    """Write the models of one kind, of ascending orders, and one trie for all of them.

    The manifest has, for every order n, the distinct n-grams of the training text, the n-grams and bytes that the
    model of this order takes, those of its shorter orders included, and what was fitted at each.
    """
    longest = models[-1]
    _write_trie(folder, longest.trie)
    write_array(folder / "observed.npy", longest.observed)
    orders = {}
    for model in models:
        n, trie = model.order, model.trie
        for name in TABLES:
            write_array(folder / f"{name}.{n}.npy", getattr(model.tables, name))
        orders[str(n)] = {
            "entries": int(model.observed.sum()) if n == 1 else trie.sizes[-1],
            "stored": sum(trie.sizes),
            "bytes": _bytes(trie, TRIE) + _bytes(model.tables, TABLES),
            "fitted": notes.fitted.get(n, {}),
        }
    description = {
        **_header(longest.kind, longest.trie, tokenizer_sha256),
        "unseen_weight": longest.unseen_weight,
        "orders": orders,
        "warnings": notes.warnings,
    }
    write_json(folder / MANIFEST, description)


def write_fit(folder: Path, fit: "Fit", tokenizer_sha256: str) -> None:
    """Write the models that a smoother made."""
    write_models(folder, [fit.model(n) for n in sorted(fit.models)], tokenizer_sha256, notes_of(fit))


def notes_of(fit: "Fit") -> Notes:
    """Return what a manifest says of the models that a smoother made."""
    return Notes({n: fit.fitted(n) for n in fit.models}, fit.warnings())


def open_ngram(folder: Path, order: int) -> NgramModel:
    """Memory-map the model of one order that `write_fit` wrote.

    Raises:
        InputError: if files are missing, truncated or of another format, or the order was not fitted.
    """
    manifest = read_manifest(folder, "n-gram models")
    if str(order) not in manifest["orders"]:
        raise InputError(
            folder,
            expected=f"an order that was fitted: {', '.join(manifest['orders'])}",
            found=str(order),
            remedy="ask for one of these, or fit the order",
        )
    trie = _open_trie(folder, manifest).up_to(order)
    sizes = (trie.size, trie.firsts[order])
    return NgramModel(
        kind=manifest["kind"],
        trie=trie,
        tables=Tables(*(_read(folder / f"{name}.{order}.npy", size) for name, size in zip(TABLES, sizes, strict=True))),
        observed=_read(folder / "observed.npy", trie.vocabulary_size),
        unseen_weight=manifest["unseen_weight"],
    )


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
            remedy="make it again (dvc repro, or gradus ngram build)",
        )
    return manifest


def _bytes(arrays: Trie | Tables, names: tuple[str, ...]) -> int:
    return sum(int(getattr(arrays, name).nbytes) for name in names)


def _header(kind: str, trie: Trie, tokenizer_sha256: str) -> dict[str, Any]:
    return {
        "kind": kind,
        "format": FORMAT,
        "vocabulary_size": trie.vocabulary_size,
        "tokenizer_sha256": tokenizer_sha256,
        "firsts": list(trie.firsts),
    }


def _write_trie(folder: Path, trie: Trie) -> None:
    for name in TRIE:
        write_array(folder / f"{name}.npy", getattr(trie, name))


def _open_trie(folder: Path, manifest: dict[str, Any]) -> Trie:
    firsts = tuple(manifest["firsts"])
    sizes = (firsts[-1], firsts[-2] + 1, firsts[-1])
    arrays = (_read(folder / f"{name}.npy", size) for name, size in zip(TRIE, sizes, strict=True))
    return Trie(manifest["vocabulary_size"], firsts, *arrays)


def _read(path: Path, size: int) -> NDArray[Any]:
    """Memory-map an array of so many values: compiled loops do not look whether there are as many."""
    array = read_array(path)
    if array.shape != (size,):
        found = f"an array of shape {array.shape}"
        raise InputError(path, expected=f"{size} values", found=found, remedy="make the model again")
    return array
