"""Write the models of one smoother to a folder, and open such a folder."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from pydantic.dataclasses import dataclass as checked_dataclass

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
from gradus.results.details import FittedByOrder
from gradus.results.fields import RESULT, Bytes, Count
from gradus.results.files import as_json, parse_result

MODELS = "n-gram models"
"""Kind of folder, as named in the folder's seal (the file that lists hashes)."""

_LOG_PROBS, _BACKOFF = "log_probs", "log_weights"  # prefixes of file names; a change would change the format


@dataclass(frozen=True)
class Notes:
    """Fitted parameters and warnings of some models, for the manifest."""

    fitted: Mapping[int, FittedByOrder] = field(default_factory=dict)
    """Dict from the order of a model to its fitted parameters."""
    warnings: Sequence[str] = ()
    """Warnings about parameters that could not be estimated, and about doubtful values in an imported file."""


@checked_dataclass(frozen=True, kw_only=True, config=RESULT)
class OrderDescription:
    """Sizes and fitted parameters of the model of one order N."""

    entries: Count
    """Number of distinct N-grams in the training text."""
    stored: Count
    """Number of n-grams in the model, of orders 1 to N."""
    bytes: Bytes
    """Size of the model's arrays in bytes."""
    fitted: FittedByOrder
    """Fitted parameters of orders 1 to N."""


@dataclass(frozen=True)
class NgramDescription:
    """The checked content of a manifest: the models of one smoother."""

    kind: str
    """Kind of the smoother; `arpa` for an imported model."""
    vocabulary_size: int
    """Number of token ids, PAD and BOS included."""
    tokenizer_sha256: str
    """SHA-256 of the tokenizer that encoded the training text."""
    orders: Mapping[int, OrderDescription]
    """Dict from each order, ascending, to the sizes and fitted parameters of its model."""


def write_models(folder: Path, models: Sequence[NgramModel], tokenizer_sha256: str, notes: Notes) -> None:
    """Write the models of one smoother to a folder.

    Args:
        folder: an empty folder.
        models: models of ascending orders that share one trie.
        tokenizer_sha256: SHA-256 of the tokenizer that encoded the training text.
        notes: fitted parameters and warnings, for the manifest.
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
        "orders": {str(model.order): as_json(_describe(model, notes)) for model in models},
        "warnings": notes.warnings,
    }
    write_json(folder / MANIFEST, manifest)


def _describe(model: NgramModel, notes: Notes) -> OrderDescription:
    n, trie = model.order, model.trie
    return OrderDescription(
        # order 1 stores every id, so its trie also has words that do not occur in the training text
        entries=int(model.observed.sum()) if n == 1 else trie.sizes[-1],
        stored=sum(trie.sizes),
        bytes=trie_bytes(trie) + model.tables.log_probs.nbytes + model.tables.backoff.nbytes,
        fitted=notes.fitted.get(n, {}),
    )


def open_models(folder: Path, *, sums: bool = True) -> NgramDescription:
    """Check a folder that `write_models` wrote; return the content of its manifest.

    Args:
        folder: the models of one smoother.
        sums: whether to check the SHA-256 of every file. The size of every file is always checked.
    Raises:
        InputError: if the folder has another format, or a file changed after the folder was written.
    """
    open_sealed(folder, MODELS, sums=sums, remedy=REMEDY)
    header = read_header(folder)
    values = read_json(folder / MANIFEST)["orders"]
    orders = parse_result(values, f"{folder / MANIFEST}: orders", dict[str, OrderDescription], remedy=REMEDY)
    by_order = {order: orders[str(order)] for order in header.orders}
    return NgramDescription(header.kind, header.vocabulary_size, header.tokenizer_sha256, by_order)


def open_ngram(folder: Path, order: int) -> NgramModel:
    """Memory-map the model of one order from a folder that `open_models` has checked.

    Raises:
        InputError: if no model of this order was fitted, or an array does not have the structure of a model.
    """
    header = read_header(folder)
    if order not in header.orders:
        raise InputError(
            folder,
            expected=f"an order for which a model was fitted ({', '.join(map(str, header.orders))})",
            found=str(order),
            remedy="choose one of these orders, or fit a model of this order",
        )
    observed = open_values(folder, "observed", header.vocabulary_size, np.bool_)
    require_sound(folder, None if observed.view(np.uint8).max() <= 1 else "a value in observed.npy that is not 0 or 1")
    trie = open_trie(folder, header).up_to(order)
    tables = Tables(
        open_values(folder, f"{_LOG_PROBS}.{order}", trie.size, np.float32),
        open_values(folder, f"{_BACKOFF}.{order}", trie.firsts[order], np.float32),
    )
    require_sound(folder, tables_problem(tables))
    return NgramModel(header.kind, trie, tables, observed, header.unseen_weight)
