"""Counts of the n-grams of every order."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradus.artifacts.allocation import Allocate, in_memory, reserve
from gradus.errors import RunError
from gradus.ngram.counting.windows import BATCH, Groups, first_words, next_words
from gradus.ngram.trie import ROOT, Integers, Nodes, Trie
from gradus.progress import Track, silent
from gradus.text.special import BOS_ID, EOS_ID, PAD_ID

MOST_NODES = 2**32 - 1
"""n-grams of all orders together, so that each has a 32-bit number."""


@dataclass(frozen=True)
class Counts:
    """The n-grams of one text and how often each occurs.

    Order 1 has an n-gram for every id, occurring or not; BOS, which is never predicted, counts 0 there.

    Attributes:
        trie: the n-grams of orders 1 to N.
        counts: occurrences of every node, uint32, shape (nodes,); of the root, the tokens of the text.
        empty: gives room for what is estimated of them.
    """

    trie: Trie
    counts: Nodes
    empty: Allocate = in_memory

    @property
    def order(self) -> int:
        """The longest order, N."""
        return self.trie.order

    @property
    def observed(self) -> NDArray[np.bool_]:
        """Whether each id occurs in the text, shape (vocabulary_size,)."""
        return np.asarray(self.of(1) > 0)

    def of(self, order: int) -> Nodes:
        """Return the counts of one order, shape (E,)."""
        return self.counts[self.trie.nodes(order)]


def count_ngrams(
    ids: Integers, *, order: int, vocabulary_size: int, empty: Allocate = in_memory, track: Track = silent
) -> Counts:
    """Count the n-grams of every order from 1 to `order`.

    c(w1..wn) for the n-grams inside lines; a line is one BOS, its tokens and EOS.

    The windows of the text are grouped by their first word, then every group by the next word, and so on: the groups
    are the n-grams. The room of `empty` holds, in 32 bits each, four numbers a token (its id, its window, and the
    n-grams of two orders that begin there) and four an n-gram (word, first continuation, suffix, count). Memory beside
    it is for a few batches of windows, or for the windows of the most frequent word where they are more, and for
    eight bytes per n-gram of one order.

    Args:
        ids: token ids, EOS at the end of every line and BOS nowhere, shape (n_tokens,).
        order: the longest order, at least 1.
        vocabulary_size: number of ids; every id is below it.
        empty: gives room for the arrays.
        track: shows how far the orders have come.
    Raises:
        ValueError: if there are no ids, or one is PAD, BOS or outside the vocabulary.
        RunError: if there are more n-grams than 32 bits can number.
    """
    if not len(ids):
        raise ValueError("n-grams of an empty text cannot be counted")
    if int(ids.max()) >= vocabulary_size or bool(np.isin(ids, (PAD_ID, BOS_ID)).any()):
        raise ValueError(f"token ids must be below {vocabulary_size}, and neither PAD nor BOS")
    stream = _with_bos(ids, empty)
    growing = _Growing(stream, order, vocabulary_size, empty)
    groups = growing.unigrams()
    for n in track(range(2, order + 1), "counting", order - 1):
        groups = growing.longer(n, groups)
    return growing.finished(tokens=len(ids))


def _with_bos(ids: Integers, empty: Allocate) -> Nodes:
    """Return the ids with BOS at the start of every line, shape (n_tokens + n_lines,)."""
    n_lines = 1 + sum(
        int(np.count_nonzero(ids[begin : begin + BATCH] == EOS_ID)) for begin in range(0, len(ids), BATCH)
    )
    stream: Nodes = empty(len(ids) + n_lines, np.uint32)
    size, before = 0, EOS_ID
    for begin in range(0, len(ids), BATCH):
        batch = ids[begin : begin + BATCH]
        starts = np.flatnonzero(np.concatenate([[before], batch[:-1]]) == EOS_ID)
        stream[size : size + len(batch) + len(starts)] = np.insert(batch, starts, BOS_ID)
        size, before = size + len(batch) + len(starts), int(batch[-1])
    return stream[:size]


class _Growing:
    """A trie and its counts while they are made, order after order."""

    def __init__(self, stream: Nodes, order: int, vocabulary_size: int, empty: Allocate) -> None:
        self.stream, self.order, self.vocabulary_size, self.empty = stream, order, vocabulary_size, empty
        room = min(1 + vocabulary_size + (order - 1) * len(stream), MOST_NODES)
        self.words, self.suffixes, self.counts, self.begins = (
            empty(room + 1, np.uint32, growing=True) for _ in range(4)
        )
        self.nodes_at, self.longer_at = (empty(len(stream), np.uint32) for _ in range(2))  # by place of the text
        self.firsts, self.size = [0], 0
        self._append([PAD_ID], [0], ROOT)
        self.begins[ROOT] = self.size

    def unigrams(self) -> Groups:
        """Add order 1, and return the windows by their first word."""
        counts = np.zeros(self.vocabulary_size, np.int64)
        for begin in range(0, len(self.stream), 64 * BATCH):  # a batch is to be long beside the vocabulary
            counts += np.bincount(self.stream[begin : begin + 64 * BATCH], minlength=self.vocabulary_size)
        self.firsts.append(self.size)
        self._append(range(self.vocabulary_size), np.where(np.arange(self.vocabulary_size) == BOS_ID, 0, counts), ROOT)
        np.add(self.stream, self.firsts[1], out=self.nodes_at)
        return first_words(self.stream, counts, self.empty(len(self.stream), np.uint32))

    def longer(self, order: int, groups: Groups) -> Groups:
        """Add an order to the one below, whose windows are given, and return its own, unless it is the longest."""
        histories = self.firsts[-1]
        self.firsts.append(self.size)
        kept = 0  # windows that go on, in the room of those read before
        for runs in next_words(self.stream, groups, order, self.vocabulary_size):
            first, last = runs.groups
            self.begins[histories + first : histories + last] = self.size + _starts(runs.continuations)
            new = self._append(runs.words, runs.counts, self.nodes_at[runs.places[_starts(runs.counts)] + 1])
            if order < self.order:
                self.longer_at[runs.places] = np.repeat(np.arange(new.start, new.stop, dtype=np.uint32), runs.counts)
                going_on = runs.places[np.repeat(runs.words != EOS_ID, runs.counts)]
                groups.places[kept : kept + len(going_on)] = going_on
                kept += len(going_on)
        self.nodes_at, self.longer_at = self.longer_at, self.nodes_at
        return Groups(groups.places[:kept], self._group_begins()) if order < self.order else groups

    def _append(self, words: Any, counts: Any, suffixes: Any) -> slice:
        new = slice(self.size, self.size + len(words))
        if new.stop > MOST_NODES:
            raise RunError(f"more than {MOST_NODES} n-grams; count a shorter order")
        for array in (self.words, self.suffixes, self.counts, self.begins):
            reserve(array, new.start, new.stop + 1)  # `begins` has one value more
        self.words[new], self.counts[new], self.suffixes[new] = words, counts, suffixes
        self.size = new.stop
        return new

    def _group_begins(self) -> NDArray[np.int64]:
        """Return where the windows of every n-gram of the longest order begin, those that end with EOS left out."""
        nodes = slice(self.firsts[-1], self.size)
        begins = self.empty(nodes.stop - nodes.start + 1, np.int64)
        begins[0] = 0
        np.cumsum(np.where(self.words[nodes] == EOS_ID, 0, self.counts[nodes]), out=begins[1:])
        return begins

    def finished(self, tokens: int) -> Counts:
        """Return what was counted."""
        self.firsts.append(self.size)
        self.begins[self.firsts[-2]] = self.size
        self.counts[ROOT] = tokens
        arrays = self.words[: self.size], self.begins[: self.firsts[-2] + 1], self.suffixes[: self.size]
        return Counts(Trie(self.vocabulary_size, tuple(self.firsts), *arrays), self.counts[: self.size], self.empty)


def _starts(sizes: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return where groups of these sizes begin when they lie side by side."""
    return np.cumsum(sizes) - sizes
