"""Store all n-grams of a text as a trie of flat arrays.

A node is the number of an n-gram. Node 0 is the empty n-gram. The n-grams of order 1 follow, one for every id, then the
n-grams of order 2, and so on. The n-grams of one order are sorted by their words. Therefore the continuations of an
n-gram have consecutive numbers, and the n-grams of orders 0 to n are the first nodes.
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
"""Node of the empty n-gram, which is the history of every 1-gram."""

MOST_NODES = 2**32 - 1
"""Maximum number of nodes of a trie. It is limited because node numbers have 32 bits."""

NO_NODE = 2**32 - 1
"""Value in place of a node, for an n-gram that is not in the trie."""

BOS_NODE = 1 + BOS_ID
"""Node of the 1-gram BOS, which is the history at the start of a line."""


@dataclass(frozen=True)
class Trie:
    """The n-grams of orders 1 to N."""

    vocabulary_size: int
    """Number of ids, PAD and BOS included."""
    firsts: tuple[int, ...]
    """First node of each of the orders 0 to N, then the number of nodes; length N + 2."""
    words: Nodes
    """Last word of every node, uint32, shape (nodes,)."""
    begins: Nodes
    """First continuation of every node of orders 0 to N - 1, then the number of nodes; uint32, shape (firsts[N] + 1,).
    The continuations of node i are the nodes from `begins[i]` to `begins[i + 1] - 1`, sorted by word."""
    suffixes: Nodes
    """Suffix of every node: the n-gram without its first word; uint32, shape (nodes,). The suffix of ROOT is ROOT."""

    @property
    def order(self) -> int:
        """Number of words of the longest n-gram, N."""
        return len(self.firsts) - 2

    @property
    def size(self) -> int:
        """Number of nodes, the root included."""
        return self.firsts[-1]

    @property
    def sizes(self) -> list[int]:
        """Number of n-grams of each of the orders 1 to N."""
        return [end - first for first, end in pairwise(self.firsts[1:])]

    @property
    def types(self) -> int:
        """Number of types that a model can predict, V in the formulas: all ids except PAD and BOS."""
        return self.vocabulary_size - 2

    def nodes(self, order: int) -> slice:
        """Return the range of the nodes of one of the orders 0 to N."""
        return slice(self.firsts[order], self.firsts[order + 1])

    def up_to(self, order: int) -> "Trie":
        """Return a trie of the n-grams of orders 1 to `order`; its arrays are views of the arrays of this trie."""
        firsts = self.firsts[: order + 2]
        end = firsts[-1]
        return Trie(self.vocabulary_size, firsts, self.words[:end], self.begins[: firsts[-2] + 1], self.suffixes[:end])

    def descendants(self, node: int) -> list[slice]:
        """Return the n-grams that begin with the n-gram `node`, as one range of nodes for each of the orders 0 to N.

        Args:
            node: a node of order 0 or 1, which is itself in the result.
        """
        ranges = [slice(0, 0)] if node else []  # order 0 has only the root, which does not begin with a 1-gram
        ranges.append(slice(node, node + 1))
        while len(ranges) <= self.order:
            ranges.append(slice(int(self.begins[ranges[-1].start]), int(self.begins[ranges[-1].stop])))
        return ranges[: self.order + 1]


@dataclass(frozen=True)
class Tables:
    """Tables of a trie: natural logarithms of all probabilities, and of all back-off weights."""

    log_probs: NDArray[np.float32]
    """ln p(w | h) of every node hw, float32, shape (nodes,). The value of the root is unused."""
    backoff: NDArray[np.float32]
    """ln of the back-off weight of every node of orders 0 to N - 1, float32, shape (first node of order N,)."""


def batches(begins: NDArray[Any], size: int) -> Iterator[tuple[int, int]]:
    """Divide consecutive groups into batches of whole groups.

    Args:
        begins: index of the first member of every group, then the end of the last group; shape (groups + 1,).
        size: maximum number of members of a batch. A group with more members is a batch alone.
    Yields:
        The first group of a batch, and the last group plus one.
    """
    first, groups = 0, len(begins) - 1
    while first < groups:
        # in the type of `begins`, because searchsorted would convert the whole array for a value of another type
        end = begins.dtype.type(min(int(begins[first]) + size, int(begins[-1])))
        last = int(np.searchsorted(begins, end, side="right")) - 1
        last = min(groups, max(first + 1, last))  # at least one group, however large
        yield first, last
        first = last
