"""Prune models: remove rare n-grams.

Each order k has a threshold t_k. An n-gram of order k is removed if it occurs at most t_k times; its probability goes
to the next lower order. Thresholds must not decrease from one order to the next. An n-gram is never more frequent than
its history or its suffix, so a pruned model contains the history and the suffix of each of its n-grams.
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
        # pydantic puts a prefix before the text of a ValueError, but not before this text
        raise PydanticCustomError("falling", "thresholds that do not decrease from one order to the next")
    return thresholds


Thresholds = Annotated[
    list[Annotated[int, Field(ge=0, le=2**32 - 1)]], Field(min_length=1, max_length=32), AfterValidator(_require_rising)
]
"""Pruning thresholds of orders 1, 2 and so on. The last one is used for all higher orders too; `[0]` prunes nothing."""


def rare_ngrams(counts: Counts, thresholds: Sequence[int]) -> NDArray[np.bool_] | None:
    """Find rare n-grams: their number of occurrences is at most the threshold of their order.

    Args:
        counts: counts of orders 1 to N.
        thresholds: pruning thresholds, as in `Thresholds`.
    Returns:
        Whether each node is rare, shape (nodes,); None if all thresholds are 0.
    Raises:
        InputError: if there are more thresholds than orders.
    """
    if len(thresholds) > counts.order:
        expected, found = f"at most {counts.order} thresholds, one per order", f"{len(thresholds)}"
        raise InputError("prune", expected=expected, found=found, remedy="give fewer thresholds, or increase the order")
    if not any(thresholds):
        return None
    rare = np.zeros(counts.trie.size, bool)  # the root is never rare
    for order in range(1, counts.order + 1):
        rare[counts.trie.nodes(order)] = counts.of(order) <= thresholds[min(order, len(thresholds)) - 1]
    return rare


def without(models: dict[int, FittedModel], rare: NDArray[np.bool_]) -> dict[int, FittedModel]:
    """Remove rare n-grams from models. Order 1 keeps a node for every id.

    Args:
        models: dict from the order to the model; all models share one trie.
        rare: whether each node is rare, shape (nodes,). An n-gram must be rare if its history or suffix is rare.
    """
    longest = models[max(models)].trie
    kept = ~rare[: longest.size]
    kept[longest.nodes(1)] = True  # other code relies on node 1 + i being id i
    trie = compact(longest, kept)
    return {
        order: replace(model, trie=trie.up_to(order), tables=_kept_tables(model.tables, kept))
        for order, model in models.items()
    }


def _kept_tables(tables: Tables, kept: NDArray[np.bool_]) -> Tables:
    return Tables(*(table[kept[: len(table)]] for table in (tables.log_probs, tables.backoff)))


def compact(trie: Trie, kept: NDArray[np.bool_]) -> Trie:
    """Return a trie of the kept nodes. The nodes keep their sequence, and get new consecutive numbers.

    Args:
        trie: the trie with all nodes.
        kept: whether to keep each node, shape (nodes,). It must be true for the root, and for the history and
            the suffix of every kept node.
    """
    before = np.zeros(trie.size + 1, np.uint32)  # number of kept nodes before each node, which is its new number
    np.cumsum(kept, out=before[1:])
    histories = kept[: len(trie.begins) - 1]
    firsts = tuple(before[list(trie.firsts)].tolist())
    begins = np.append(before[trie.begins[:-1][histories]], before[-1])
    return Trie(trie.vocabulary_size, firsts, trie.words[kept], begins, before[trie.suffixes[kept]])
