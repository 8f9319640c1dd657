"""Pruning: leave out n-grams that are too rare to be worth storing.

An n-gram of order k is left out if it occurs at most t_k times; the probability it had goes to the order below. A
longer n-gram is never more frequent than its parts, and thresholds never fall from one order to the next, so a model
that keeps an n-gram keeps all its parts.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from gradus.errors import InputError
from gradus.ngram.counting.counts import Counts
from gradus.ngram.smoothing.orders import FittedModel
from gradus.ngram.trie import Tables, Trie


def _require_rising(thresholds: list[int]) -> list[int]:
    if thresholds != sorted(thresholds):
        # this text reaches the user as it is; that of a ValueError would get a prefix
        raise PydanticCustomError("falling", "thresholds that never fall from one order to the next")
    return thresholds


Thresholds = Annotated[
    list[Annotated[int, Field(ge=0, le=2**32 - 1)]], Field(min_length=1, max_length=32), AfterValidator(_require_rising)
]
"""t_1, t_2 and so on; the last one holds for all longer orders. [0] keeps every n-gram."""


def rare_ngrams(counts: Counts, thresholds: Sequence[int]) -> NDArray[np.bool_] | None:
    """Return for every node whether it occurs at most t_k times, k being its order; shape (nodes,).

    Args:
        counts: counts of orders 1 to N.
        thresholds: as in `Thresholds`.
    Returns:
        None if all thresholds are 0, so that no n-gram is rare.
    Raises:
        InputError: if there are more thresholds than orders.
    """
    if len(thresholds) > counts.order:
        expected, found = f"at most {counts.order} thresholds, one per order", f"{len(thresholds)}"
        raise InputError("prune", expected=expected, found=found, remedy="give fewer, or count longer n-grams")
    if not any(thresholds):
        return None
    rare = np.zeros(counts.trie.size, bool)  # the root is never rare
    for order in range(1, counts.order + 1):
        rare[counts.trie.nodes(order)] = counts.of(order) <= thresholds[min(order, len(thresholds)) - 1]
    return rare


def without(models: dict[int, FittedModel], rare: NDArray[np.bool_]) -> dict[int, FittedModel]:
    """Return models without rare nodes; order 1 keeps a node for every id.

    Args:
        models: models of one trie, by order.
        rare: whether each node is rare; if it is, so are its continuations and the n-grams whose suffix it is.
    """
    longest = models[max(models)].trie
    kept = ~rare[: longest.size]
    kept[longest.nodes(1)] = True  # node 1 + i is id i in every trie
    trie = compact(longest, kept)
    return {
        order: replace(model, trie=trie.up_to(order), tables=_kept_tables(model.tables, kept))
        for order, model in models.items()
    }


def _kept_tables(tables: Tables, kept: NDArray[np.bool_]) -> Tables:
    return Tables(*(table[kept[: len(table)]] for table in (tables.log_probs, tables.backoff)))


def compact(trie: Trie, kept: NDArray[np.bool_]) -> Trie:
    """Return the trie of some nodes, numbered anew in their order.

    Args:
        trie: all nodes.
        kept: whether to keep each node, shape (nodes,); the root, and the history and suffix of every kept node, are
            kept.
    """
    before = np.zeros(trie.size + 1, np.uint32)  # number of kept nodes before each node: its new number
    np.cumsum(kept, out=before[1:])
    histories = kept[: len(trie.begins) - 1]
    firsts = tuple(before[list(trie.firsts)].tolist())
    begins = np.append(before[trie.begins[:-1][histories]], before[-1])
    return Trie(trie.vocabulary_size, firsts, trie.words[kept], begins, before[trie.suffixes[kept]])
