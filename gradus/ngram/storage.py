"""Counts and fitted models on disk: one array a file, read by memory map, and a manifest.

Nothing of a folder is trusted: sums and structure are checked before compiled loops see its arrays.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gradus.artifacts.arrays import read_array, write_array
from gradus.artifacts.json_files import read_json, write_json
from gradus.artifacts.seals import open_sealed
from gradus.errors import InputError
from gradus.ngram.counting.counts import MOST_NODES, Counts
from gradus.ngram.scoring.model import NgramModel
from gradus.ngram.structure import counts_problem, tables_problem, trie_problem
from gradus.ngram.trie import Tables, Trie
from gradus.text.special import SPECIAL

if TYPE_CHECKING:  # the smoothers take longer to import than a model to open
    from gradus.ngram.smoothing.smoothers import Fit

FORMAT = 3
"""Version of both manifests; another one is refused."""

COUNTS, MODELS = "n-gram counts", "n-gram models"
"""What the seal of a folder calls its content."""


REMEDY = "make it again (dvc repro, or gradus ngram build)"

MOST_ORDER = 2**16
"""Words of the longest n-gram at most: checks take a step for each."""

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
        InputError: if the folder is of another format, or is not as it was written.
    """
    open_sealed(folder, COUNTS, remedy=REMEDY)
    header = _read_header(folder)
    trie = _open_trie(folder, header)
    counts = _read(folder, "counts", trie.size, np.uint32)
    _require_sound(folder, counts_problem(trie, counts))
    return Counts(trie, counts)


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


def open_models(folder: Path, *, sums: bool = True) -> dict[str, Any]:
    """Check a folder that `write_models` wrote, and return its manifest.

    Args:
        folder: the models of one kind.
        sums: whether to check the SHA-256 sum of every file.
    Raises:
        InputError: if it is of another format, or a file is not as it was written.
    """
    open_sealed(folder, MODELS, sums=sums, remedy=REMEDY)
    _read_header(folder)
    manifest = read_json(folder / MANIFEST)
    keys = ("entries", "stored", "bytes")
    for about in manifest["orders"].values():
        if not isinstance(about.get("fitted"), dict) or not all(type(about.get(key)) is int for key in keys):
            raise InputError(folder / MANIFEST, expected="the sizes of every order", found="others", remedy=REMEDY)
    return manifest


def open_ngram(folder: Path, order: int) -> NgramModel:
    """Memory-map the model of one order from a folder whose sums `open_models` has checked.

    Raises:
        InputError: if the structure of an array is not that of a model, or the order was not fitted.
    """
    header = _read_header(folder)
    if order not in header.orders:
        raise InputError(
            folder,
            expected=f"an order that was fitted: {', '.join(map(str, header.orders))}",
            found=str(order),
            remedy="ask for one of these, or fit the order",
        )
    observed = _read(folder, "observed", header.vocabulary_size, np.bool_)
    _require_sound(folder, None if observed.view(np.uint8).max() <= 1 else "observed.npy holds more than yes and no")
    trie = _open_trie(folder, header).up_to(order)
    sizes = (trie.size, trie.firsts[order])
    tables = Tables(
        *(_read(folder, f"{name}.{order}", size, np.float32) for name, size in zip(TABLES, sizes, strict=True))
    )
    _require_sound(folder, tables_problem(tables))
    return NgramModel(
        kind=header.kind,
        trie=trie,
        tables=tables,
        observed=observed,
        unseen_weight=header.unseen_weight,
    )


@dataclass(frozen=True)
class _Header:
    """What a manifest says that sizes, bounds and scores depend on."""

    kind: str
    vocabulary_size: int
    firsts: tuple[int, ...]
    orders: tuple[int, ...]
    unseen_weight: float


def _read_header(folder: Path) -> _Header:
    manifest = read_json(folder / MANIFEST)
    if manifest.get("format") != FORMAT:
        raise InputError(
            folder / MANIFEST, expected=f"format {FORMAT}", found=f"format {manifest.get('format')!r}", remedy=REMEDY
        )
    try:
        return _parse_header(manifest)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InputError(folder / MANIFEST, expected="sizes of n-grams", found=str(error), remedy=REMEDY) from None


def _parse_header(manifest: dict[str, Any]) -> _Header:
    """Check the values of a manifest; whatever is wrong raises ValueError or what Python raises by itself."""
    size, firsts, weight = manifest["vocabulary_size"], manifest["firsts"], manifest.get("unseen_weight", 1.0)
    if not all(type(number) is int for number in (size, *firsts)) or not isinstance(weight, int | float):
        raise ValueError("no numbers")
    if firsts[:3] != [0, 1, 1 + size] or size < len(SPECIAL) or firsts[-1] > MOST_NODES:
        raise ValueError("sizes that do not fit together")
    if any(begin > end for begin, end in pairwise(firsts)) or not 0 <= weight <= 1:
        raise ValueError("numbers out of order")
    orders = [order for order in range(1, len(firsts) - 1) if str(order) in manifest["orders"]]
    if len(firsts) > MOST_ORDER + 2 or not orders or set(map(str, orders)) != set(manifest["orders"]):
        raise ValueError("other orders")
    if not all(isinstance(about, dict) and about["entries"] >= 0 for about in manifest["orders"].values()):
        raise ValueError("orders without entries")
    if not isinstance(manifest["kind"], str) or not isinstance(manifest["tokenizer_sha256"], str):
        raise ValueError("no kind, or no tokenizer")
    return _Header(manifest["kind"], size, tuple(firsts), tuple(orders), float(weight))


def _require_sound(folder: Path, problem: str | None) -> None:
    if problem:
        raise InputError(folder, expected="the arrays of an n-gram model", found=problem, remedy=REMEDY)


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


def _open_trie(folder: Path, header: _Header) -> Trie:
    sizes = (header.firsts[-1], header.firsts[-2] + 1, header.firsts[-1])
    arrays = (_read(folder, name, size, np.uint32) for name, size in zip(TRIE, sizes, strict=True))
    trie = Trie(header.vocabulary_size, header.firsts, *arrays)
    _require_sound(folder, trie_problem(trie))
    return trie


def _read(folder: Path, name: str, size: int, dtype: type[np.generic]) -> NDArray[Any]:
    """Memory-map an array of so many values: compiled loops do not look whether there are as many."""
    array = read_array(folder / f"{name}.npy", dtype)
    _require_sound(folder, None if len(array) == size else f"{name}.npy has {len(array)} values for {size}")
    return array
