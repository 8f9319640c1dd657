"""Write models of one smoother to a folder and open them again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from gradus.artifacts.arrays import write_array
from gradus.artifacts.json_files import read_json, write_json
from gradus.artifacts.seals import open_sealed
from gradus.errors import InputError
from gradus.ngram.scoring.model import NgramModel
from gradus.ngram.scoring.structure import tables_problem
from gradus.ngram.storage import (
    MANIFEST,
    REMEDY,
    header_of,
    open_trie,
    open_values,
    read_header,
    require_sound,
    trie_bytes,
    write_trie,
)
from gradus.ngram.trie import Tables

MODELS = "n-gram models"
"""Kind of content in the seal of the folder."""

_LOG_PROBS, _BACKOFF = "log_probs", "log_weights"  # beginnings of file names, part of the format


@dataclass(frozen=True)
class Notes:
    """Remarks about fitted models, for the manifest."""

    fitted: Mapping[int, Mapping[str, Any]] = field(default_factory=dict)
    """Fitted parameters by order of the model."""
    warnings: Sequence[str] = ()
    """Parameters that could not be estimated, and what was used instead."""


def write_models(folder: Path, models: Sequence[NgramModel], tokenizer_sha256: str, notes: Notes) -> None:
    """Write the models of one smoother, of ascending orders, which share one trie.

    For every order n the manifest gives the distinct n-grams of the training text, the n-grams and bytes of the model
    of order n, its shorter orders included, and the parameters fitted for it.
    """
    longest = models[-1]
    write_trie(folder, longest.trie)  # the tries of shorter models are its first nodes
    write_array(folder / "observed.npy", longest.observed)
    for model in models:
        write_array(folder / f"{_LOG_PROBS}.{model.order}.npy", model.tables.log_probs)
        write_array(folder / f"{_BACKOFF}.{model.order}.npy", model.tables.backoff)
    manifest = {
        **header_of(longest.kind, longest.trie, tokenizer_sha256),
        "unseen_weight": longest.unseen_weight,
        "orders": {str(model.order): _sizes(model, notes) for model in models},
        "warnings": notes.warnings,
    }
    write_json(folder / MANIFEST, manifest)


def _sizes(model: NgramModel, notes: Notes) -> dict[str, Any]:
    n, trie = model.order, model.trie
    return {
        "entries": int(model.observed.sum()) if n == 1 else trie.sizes[-1],
        "stored": sum(trie.sizes),
        "bytes": trie_bytes(trie) + model.tables.log_probs.nbytes + model.tables.backoff.nbytes,
        "fitted": notes.fitted.get(n, {}),
    }


def open_models(folder: Path, *, sums: bool = True) -> dict[str, Any]:
    """Check a folder that `write_models` wrote; return its manifest.

    Args:
        folder: the models of one smoother.
        sums: whether to check the SHA-256 sum of every file.
    Raises:
        InputError: if it has another format, or a file changed since it was written.
    """
    open_sealed(folder, MODELS, sums=sums, remedy=REMEDY)
    read_header(folder)  # checks the values that `open_ngram` will use
    manifest = read_json(folder / MANIFEST)
    keys = ("entries", "stored", "bytes")
    for sizes in manifest["orders"].values():
        if not isinstance(sizes.get("fitted"), dict) or not all(type(sizes.get(key)) is int for key in keys):
            raise InputError(
                folder / MANIFEST, expected="the sizes of every order", found="other values", remedy=REMEDY
            )
    return manifest


def open_ngram(folder: Path, order: int) -> NgramModel:
    """Memory-map the model of one order, from a folder that `open_models` has checked.

    Raises:
        InputError: if an array does not have the structure of a model, or the order was not fitted.
    """
    header = read_header(folder)
    if order not in header.orders:
        raise InputError(
            folder,
            expected=f"an order that was fitted: {', '.join(map(str, header.orders))}",
            found=str(order),
            remedy="ask for one of these, or fit the order",
        )
    observed = open_values(folder, "observed", header.vocabulary_size, np.bool_)
    require_sound(folder, None if observed.view(np.uint8).max() <= 1 else "observed.npy has values other than 0 and 1")
    trie = open_trie(folder, header).up_to(order)
    tables = Tables(
        open_values(folder, f"{_LOG_PROBS}.{order}", trie.size, np.float32),
        open_values(folder, f"{_BACKOFF}.{order}", trie.firsts[order], np.float32),
    )
    require_sound(folder, tables_problem(tables))
    return NgramModel(header.kind, trie, tables, observed, header.unseen_weight)
