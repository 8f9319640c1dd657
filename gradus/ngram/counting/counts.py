"""Count the n-grams of every order in a text."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradus.allocation import Allocate, in_memory, reserve
from gradus.errors import RunError
from gradus.ngram.counting.windows import BATCH, Groups, first_words, next_words
from gradus.ngram.trie import MOST_NODES, ROOT, Integers, Nodes, Trie
from gradus.progress import Track, silent
from gradus.text.special import BOS_ID, EOS_ID, PAD_ID


@dataclass(frozen=True)
class Counts:
    """The n-grams of one text, and the count of each n-gram.

    Order 1 has an n-gram for every id, even for ids that do not occur in the text. The count of BOS is 0, because a
    model never predicts BOS.
    """

    trie: Trie
    """The n-grams of orders 1 to N."""
    counts: Nodes
    """Count of the n-gram of every node, uint32, shape (nodes,). The count of the root is the number of tokens."""
    allocate: Allocate = in_memory
    """Allocator for the arrays of models that are estimated from these counts."""

    @property
    def order(self) -> int:
        """The highest order, N."""
        return self.trie.order

    @property
    def observed(self) -> NDArray[np.bool_]:
        """Whether each id occurs in the text, shape (vocabulary_size,)."""
        return np.asarray(self.of(1) > 0)

    def of(self, order: int) -> Nodes:
        """Return the counts of one order, shape (E,)."""
        return self.counts[self.trie.nodes(order)]


def count_ngrams(
    ids: Integers, *, order: int, vocabulary_size: int, allocate: Allocate = in_memory, track: Track = silent
) -> Counts:
    """Count the n-grams of every order from 1 to `order`.

    A line consists of BOS, its tokens and EOS. An n-gram lies within one line.

    A window is the text from one position on. The function groups the windows by their first word, divides each group
    by the next word, and so on. After n steps, the windows in a group begin with the same n words.

    Memory: the function allocates four arrays that have one 32-bit value for each token: its id, its window, the n-gram
    of the current order that begins at the token, and the n-gram of the previous order that begins at the token. Four
    more arrays have one 32-bit value for each n-gram: its last word, its first continuation, its suffix and its count.
    The function also needs eight bytes for each n-gram of one order, and memory for a few batches of windows.

    Args:
        ids: token ids, EOS at the end of every line, no BOS, shape (n_tokens,).
        order: the highest order, at least 1.
        vocabulary_size: number of ids.
        allocate: allocator for these arrays.
        track: shows a progress bar over orders.
    Raises:
        ValueError: if `ids` is empty, or contains PAD, BOS or an id outside the vocabulary.
        RunError: if the text has more n-grams than 32-bit numbers can identify.
    """
    if not len(ids):
        raise ValueError("expected at least one token, found an empty text")
    if int(ids.max()) >= vocabulary_size or bool(np.isin(ids, (PAD_ID, BOS_ID)).any()):
        raise ValueError(f"expected token ids below {vocabulary_size} that are not PAD or BOS")
    stream = _with_bos(ids, allocate)
    growing = _GrowingTrie(stream, order, vocabulary_size, allocate)
    groups = growing.add_unigrams()
    for n in track(range(2, order + 1), "counting", order - 1):
        groups = growing.add_order(n, groups)
    return growing.finish(tokens=len(ids))


def _with_bos(ids: Integers, allocate: Allocate) -> Nodes:
    """Insert BOS at the start of every line; return uint32, shape (n_tokens + n_lines,)."""
    # in batches, so that a memory-mapped text is never copied as a whole
    n_lines = 1 + sum(
        int(np.count_nonzero(ids[begin : begin + BATCH] == EOS_ID)) for begin in range(0, len(ids), BATCH)
    )
    stream: Nodes = allocate(len(ids) + n_lines, np.uint32)
    size, previous = 0, EOS_ID  # the text begins as if a line had just ended
    for begin in range(0, len(ids), BATCH):
        batch = ids[begin : begin + BATCH]
        starts = np.flatnonzero(np.concatenate([[previous], batch[:-1]]) == EOS_ID)
        stream[size : size + len(batch) + len(starts)] = np.insert(batch, starts, BOS_ID)
        size, previous = size + len(batch) + len(starts), int(batch[-1])
    return stream[:size]


class _GrowingTrie:
    """Builder of a trie and its counts. It adds one order after the other."""

    def __init__(self, stream: Nodes, order: int, vocabulary_size: int, allocate: Allocate) -> None:
        self.stream, self.order, self.vocabulary_size, self.allocate = stream, order, vocabulary_size, allocate
        # The number of n-grams is unknown before counting. The arrays get the largest possible size; pages that are
        # never written take no memory.
        most = min(1 + vocabulary_size + (order - 1) * len(stream), MOST_NODES)
        self.words, self.suffixes, self.counts, self.begins = (
            allocate(most + 1, np.uint32, growing=True) for _ in range(4)
        )
        # the n-gram that begins at each token: in the previous order, and in the order that is being added
        self.nodes_at, self.longer_at = (allocate(len(stream), np.uint32) for _ in range(2))
        self.firsts, self.size = [0], 0
        self._append([PAD_ID], [0], ROOT)
        self.begins[ROOT] = self.size

    def add_unigrams(self) -> Groups:
        """Add order 1; return all windows, grouped by their first word."""
        counts = np.zeros(self.vocabulary_size, np.int64)
        # larger batches than elsewhere, because each bincount allocates an array of the size of the vocabulary
        for begin in range(0, len(self.stream), 64 * BATCH):
            counts += np.bincount(self.stream[begin : begin + 64 * BATCH], minlength=self.vocabulary_size)
        self.firsts.append(self.size)
        self._append(range(self.vocabulary_size), np.where(np.arange(self.vocabulary_size) == BOS_ID, 0, counts), ROOT)
        np.add(self.stream, self.firsts[1], out=self.nodes_at)
        return first_words(self.stream, counts, self.allocate(len(self.stream), np.uint32))

    def add_order(self, order: int, groups: Groups) -> Groups:
        """Add an order; return the windows, grouped by their first `order` words.

        Args:
            order: the order to add, at least 2.
            groups: the windows, grouped by their first `order` - 1 words. The method overwrites `groups.places`.
        """
        histories = self.firsts[-1]
        self.firsts.append(self.size)
        kept = 0  # number of windows for the next order; they overwrite windows that were already read
        for runs in next_words(self.stream, groups, order, self.vocabulary_size):
            first, last = runs.groups
            self.begins[histories + first : histories + last] = self.size + _starts(runs.continuations)
            # the suffix of an n-gram is the n-gram of the order below that begins one token later
            new = self._append(runs.words, runs.counts, self.nodes_at[runs.places[_starts(runs.counts)] + 1])
            if order < self.order:
                self.longer_at[runs.places] = np.repeat(np.arange(new.start, new.stop, dtype=np.uint32), runs.counts)
                # EOS ends a line, so an n-gram that ends with EOS has no continuation
                continued = runs.places[np.repeat(runs.words != EOS_ID, runs.counts)]
                groups.places[kept : kept + len(continued)] = continued
                kept += len(continued)
        self.nodes_at, self.longer_at = self.longer_at, self.nodes_at
        return Groups(groups.places[:kept], self._group_begins()) if order < self.order else groups

    def _append(self, words: Any, counts: Any, suffixes: Any) -> slice:
        """Append nodes to the current order; return the range of these nodes."""
        new = slice(self.size, self.size + len(words))
        if new.stop > MOST_NODES:
            raise RunError(f"the text has more than {MOST_NODES} n-grams; choose a lower order")
        for array in (self.words, self.suffixes, self.counts, self.begins):
            reserve(array, new.start, new.stop + 1)  # one value more, which `begins` needs
        self.words[new], self.counts[new], self.suffixes[new] = words, counts, suffixes
        self.size = new.stop
        return new

    def _group_begins(self) -> NDArray[np.int64]:
        """For each n-gram of the newest order, return the index of its first window; append the number of windows."""
        nodes = slice(self.firsts[-1], self.size)
        begins = self.allocate(nodes.stop - nodes.start + 1, np.int64)
        begins[0] = 0
        # an n-gram that ends with EOS has no windows, because it has no continuations
        np.cumsum(np.where(self.words[nodes] == EOS_ID, 0, self.counts[nodes]), out=begins[1:])
        return begins

    def finish(self, tokens: int) -> Counts:
        """Finish the trie; return it with its counts."""
        self.firsts.append(self.size)
        self.begins[self.firsts[-2]] = self.size
        self.counts[ROOT] = tokens
        arrays = self.words[: self.size], self.begins[: self.firsts[-2] + 1], self.suffixes[: self.size]
        return Counts(Trie(self.vocabulary_size, tuple(self.firsts), *arrays), self.counts[: self.size], self.allocate)


def _starts(sizes: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the index at which each group begins, for consecutive groups of the given sizes."""
    return np.cumsum(sizes) - sizes
