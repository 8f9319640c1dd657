"""Pruning: a model without the n-grams that are too rare to be worth their room.

An n-gram of order k goes if it occurs t_k times or less; what it took of its history's probability goes to the order
below. A longer n-gram is never more frequent than its parts, and thresholds never fall, so all parts of what stays
stay too.
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
from gradus.ngram.smoothing.estimates import Fitted
from gradus.ngram.trie import Tables, Trie


def _rising(thresholds: list[int]) -> list[int]:
    if thresholds != sorted(thresholds):
        raise PydanticCustomError("falling", "thresholds that never fall from one order to the next")
    return thresholds


Thresholds = Annotated[
    list[Annotated[int, Field(ge=0, le=2**32 - 1)]], Field(min_length=1, max_length=32), AfterValidator(_rising)
]
"""t_1, t_2 and so on; the last one holds for all longer orders. [0] keeps everything."""


def rare_ngrams(counts: Counts, thresholds: Sequence[int]) -> NDArray[np.bool_] | None:
    """Say of every node whether it occurs t_k times or less in the text, k its order; bool, shape (nodes,).

    Args:
        counts: of orders 1 to N.
        thresholds: as of `Thresholds`.
    Returns:
        None if all thresholds are 0: nothing is rare.
    Raises:
        InputError: if there are more thresholds than orders.
    """
    if len(thresholds) > counts.order:
        expected, found = f"at most {counts.order} thresholds, one an order", f"{len(thresholds)}"
        raise InputError("prune", expected=expected, found=found, remedy="give fewer, or count longer n-grams")
    if not any(thresholds):
        return None
    rare = np.zeros(counts.trie.size, bool)
    for order in range(1, counts.order + 1):
        rare[counts.trie.nodes(order)] = counts.of(order) <= thresholds[min(order, len(thresholds)) - 1]
    return rare


def without(models: dict[int, Fitted], rare: NDArray[np.bool_]) -> dict[int, Fitted]:
    """Return models without the nodes that are rare; order 1 stays whole, a node for every id.

    Args:
        models: by order, all of one trie.
        rare: of every node; the continuations of a rare one, and what it is the suffix of, are rare too.
    """
    longest = models[max(models)].trie
    kept = ~rare[: longest.size]
    kept[longest.nodes(1)] = True
    trie = compact(longest, kept)
    return {order: replace(model, trie=trie.up_to(order), tables=_of(model, kept)) for order, model in models.items()}


def _of(model: Fitted, kept: NDArray[np.bool_]) -> Tables:
    return Tables(*(table[kept[: len(table)]] for table in (model.tables.log_probs, model.tables.log_weights)))


def compact(trie: Trie, kept: NDArray[np.bool_]) -> Trie:
    """Return the trie of some nodes, numbered anew in their order.

    Args:
        trie: all nodes.
        kept: which ones stay: the root, and with every node its history and its suffix; shape (nodes,).
    """
    before = np.zeros(trie.size + 1, np.uint32)  # how many stay of the nodes before each
    np.cumsum(kept, out=before[1:])
    histories = kept[: len(trie.begins) - 1]
    firsts = tuple(before[list(trie.firsts)].tolist())
    begins = np.append(before[trie.begins[:-1][histories]], before[-1])
    return Trie(trie.vocabulary_size, firsts, trie.words[kept], begins, before[trie.suffixes[kept]])
