"""The n-grams of a text as one numbered list of nodes, so that a model is a few flat arrays.

Node 0 is the empty n-gram. The n-grams of order 1 follow, one for every id, then those of order 2, and so on, every
order sorted by its words. So the continuations of an n-gram are neighbours, the n-grams up to any order are the
first nodes, and one integer names an n-gram of any length.
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
"""The empty n-gram: history of order 1."""

NONE = 2**32 - 1
"""No node: that of an n-gram which is not in a trie."""

AT_BOS = 1 + BOS_ID
"""The node of BOS alone: the history at the start of a line."""


@dataclass(frozen=True)
class Trie:
    """The n-grams of orders 1 to N.

    Attributes:
        vocabulary_size: number of ids, PAD and BOS included.
        firsts: first node of orders 0 to N, then the number of nodes; length N + 2.
        words: last word of every node, uint32, shape (nodes,).
        begins: first continuation of every node of orders 0 to N - 1, then the number of nodes; uint32. The
            continuations of node i are the nodes begins[i] to begins[i + 1] - 1, their words ascending.
        suffixes: the node that lacks the first word, uint32, shape (nodes,); the root's is the root.
    """

    vocabulary_size: int
    firsts: tuple[int, ...]
    words: Nodes
    begins: Nodes
    suffixes: Nodes

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
        """Predictable types, V of the formulas: every id but PAD and BOS."""
        return self.vocabulary_size - 2

    def nodes(self, order: int) -> slice:
        """Return the nodes of one order, from 0 to N."""
        return slice(self.firsts[order], self.firsts[order + 1])

    def up_to(self, order: int) -> "Trie":
        """Return the n-grams of orders 1 to `order`: views of the first nodes."""
        firsts = self.firsts[: order + 2]
        end = firsts[-1]
        return Trie(self.vocabulary_size, firsts, self.words[:end], self.begins[: firsts[-2] + 1], self.suffixes[:end])

    def continuations(self, node: int) -> list[slice]:
        """Return for orders 0 to N which nodes begin with an n-gram of order 0 or 1, itself among them."""
        found = [slice(0, 0)] if node else []
        found.append(slice(node, node + 1))
        while len(found) <= self.order:
            found.append(slice(int(self.begins[found[-1].start]), int(self.begins[found[-1].stop])))
        return found[: self.order + 1]


@dataclass(frozen=True)
class Tables:
    """What a model knows of the nodes of a trie: natural logarithms, float32.

    Attributes:
        log_probs: of the n-grams of orders 1 to N, shape (nodes,); the root's is unused.
        log_weights: of the histories, orders 0 to N - 1, shape (first node of order N,).
    """

    log_probs: NDArray[np.float32]
    log_weights: NDArray[np.float32]


def batches(begins: NDArray[Any], size: int) -> Iterator[tuple[int, int]]:
    """Divide groups that lie side by side into batches of whole groups.

    Args:
        begins: where every group begins, and where the last one ends; shape (groups + 1,).
        size: members of a batch at most; a larger group is a batch of its own.
    Returns:
        First group of every batch, and the one after its last.
    """
    first, groups = 0, len(begins) - 1
    while first < groups:
        end = begins.dtype.type(min(int(begins[first]) + size, int(begins[-1])))  # of another type, all would be cast
        last = int(np.searchsorted(begins, end, side="right")) - 1
        last = min(groups, max(first + 1, last))
        yield first, last
        first = last
