"""All n-grams of a text as one numbered list of nodes, so that a model is a few flat arrays.

Node 0 is the empty n-gram. The n-grams of order 1 follow, one for every id, then those of order 2, and so on. Each
order is sorted by its words. Therefore the continuations of an n-gram are adjacent, the n-grams up to any order are
the first nodes, and one integer identifies an n-gram of any length.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradus.text.special import BOS_ID

Integers = NDArray[np.integer[Any]]
Nodes = NDArray[np.uint32]

ROOT = 0
"""The empty n-gram: the history of order 1."""

MOST_NODES = 2**32 - 1
"""Most nodes of a trie, so that each has a 32-bit number."""

NO_NODE = 2**32 - 1
"""Stands for the node of an n-gram that is not in the trie."""

BOS_NODE = 1 + BOS_ID
"""The node of BOS alone: the history at the start of a line."""


@dataclass(frozen=True)
class Trie:
    """The n-grams of orders 1 to N."""

    vocabulary_size: int
    """Number of ids, PAD and BOS included."""
    firsts: tuple[int, ...]
    """First node of orders 0 to N, then the number of nodes; length N + 2."""
    words: Nodes
    """Last word of every node, uint32, shape (nodes,)."""
    begins: Nodes
    """First continuation of every node of orders 0 to N - 1, then the number of nodes; uint32. The continuations of
    node i are the nodes begins[i] to begins[i + 1] - 1, sorted by word."""
    suffixes: Nodes
    """The node of the n-gram without its first word, uint32, shape (nodes,); the root is its own suffix."""

    @property
    def order(self) -> int:
        """Words of the longest n-gram, N."""
        return len(self.firsts) - 2

    @property
    def size(self) -> int:
        """Number of nodes, the root included."""
        return self.firsts[-1]

    @property
    def sizes(self) -> list[int]:
        """Number of n-grams of orders 1 to N."""
        return [end - first for first, end in pairwise(self.firsts[1:])]

    @property
    def types(self) -> int:
        """Predictable types, V of the formulas: every id except PAD and BOS."""
        return self.vocabulary_size - 2

    def nodes(self, order: int) -> slice:
        """Return the nodes of one order, from 0 to N."""
        return slice(self.firsts[order], self.firsts[order + 1])

    def up_to(self, order: int) -> "Trie":
        """Return the n-grams of orders 1 to `order` as views of the first nodes."""
        firsts = self.firsts[: order + 2]
        end = firsts[-1]
        return Trie(self.vocabulary_size, firsts, self.words[:end], self.begins[: firsts[-2] + 1], self.suffixes[:end])

    def descendants(self, node: int) -> list[slice]:
        """Return the nodes that begin with an n-gram, itself included, for each of the orders 0 to N.

        Args:
            node: an n-gram of order 0 or 1.
        """
        ranges = [slice(0, 0)] if node else []  # order 0 holds the root alone
        ranges.append(slice(node, node + 1))
        while len(ranges) <= self.order:
            ranges.append(slice(int(self.begins[ranges[-1].start]), int(self.begins[ranges[-1].stop])))
        return ranges[: self.order + 1]


@dataclass(frozen=True)
class Tables:
    """Log-probabilities and back-off weights of the nodes of a trie: natural logarithms, float32."""

    log_probs: NDArray[np.float32]
    """ln p of the n-grams of orders 1 to N, shape (nodes,); the value of the root is unused."""
    backoff: NDArray[np.float32]
    """ln of the back-off weights of the histories, orders 0 to N - 1, shape (first node of order N,)."""


def batches(begins: NDArray[Any], size: int) -> Iterator[tuple[int, int]]:
    """Divide consecutive groups into batches of whole groups.

    Args:
        begins: first member of every group, then the end of the last group; shape (groups + 1,).
        size: most members of a batch; a larger group is a batch of its own.
    Returns:
        For every batch its first group, and the group after its last.
    """
    first, groups = 0, len(begins) - 1
    while first < groups:
        # the type of `begins`: for a value of another type searchsorted would convert the whole array
        end = begins.dtype.type(min(int(begins[first]) + size, int(begins[-1])))
        last = int(np.searchsorted(begins, end, side="right")) - 1
        last = min(groups, max(first + 1, last))  # at least one group, however large
        yield first, last
        first = last
