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
    """The n-grams of one text, and how often each occurs.

    Order 1 has an n-gram for every id, even if it does not occur. BOS is never predicted, so it counts 0 there.
    """

    trie: Trie
    """The n-grams of orders 1 to N."""
    counts: Nodes
    """Occurrences of every node, uint32, shape (nodes,); for the root, the number of tokens."""
    allocate: Allocate = in_memory
    """Allocates the arrays of models that are estimated from these counts."""

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
    ids: Integers, *, order: int, vocabulary_size: int, allocate: Allocate = in_memory, track: Track = silent
) -> Counts:
    """Count the n-grams of every order from 1 to `order`.

    c(w1..wn) counts the n-grams within lines; a line is BOS, its tokens and EOS.

    The windows of the text are grouped by their first word, then each group by the next word, and so on; the groups
    are the n-grams. `allocate` provides four 32-bit arrays over tokens (id, window, and the n-grams of two orders that
    begin at the token) and four over n-grams (word, first continuation, suffix, count). Other memory holds a few
    batches of windows, or all windows of the most frequent word if these are more, and eight bytes per n-gram of one
    order.

    Args:
        ids: token ids, EOS at the end of every line, no BOS, shape (n_tokens,).
        order: the longest order, at least 1.
        vocabulary_size: number of ids; every id is below it.
        allocate: allocates the arrays.
        track: shows the progress over orders.
    Raises:
        ValueError: if there are no ids, or one is PAD, BOS or outside the vocabulary.
        RunError: if there are more n-grams than 32 bits can number.
    """
    if not len(ids):
        raise ValueError("n-grams of an empty text cannot be counted")
    if int(ids.max()) >= vocabulary_size or bool(np.isin(ids, (PAD_ID, BOS_ID)).any()):
        raise ValueError(f"token ids must be below {vocabulary_size}, and neither PAD nor BOS")
    stream = _with_bos(ids, allocate)
    growing = _GrowingTrie(stream, order, vocabulary_size, allocate)
    groups = growing.add_unigrams()
    for n in track(range(2, order + 1), "counting", order - 1):
        groups = growing.add_order(n, groups)
    return growing.finish(tokens=len(ids))


def _with_bos(ids: Integers, allocate: Allocate) -> Nodes:
    """Return the ids with BOS at the start of every line, shape (n_tokens + n_lines,)."""
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
    """A trie and its counts under construction, one order after the other."""

    def __init__(self, stream: Nodes, order: int, vocabulary_size: int, allocate: Allocate) -> None:
        self.stream, self.order, self.vocabulary_size, self.allocate = stream, order, vocabulary_size, allocate
        # the number of n-grams is unknown until they are counted: arrays get the largest possible size, of which
        # unwritten pages take no memory
        most = min(1 + vocabulary_size + (order - 1) * len(stream), MOST_NODES)
        self.words, self.suffixes, self.counts, self.begins = (
            allocate(most + 1, np.uint32, growing=True) for _ in range(4)
        )
        # the n-grams that begin at each token: of the order below, and of the order that is being added
        self.nodes_at, self.longer_at = (allocate(len(stream), np.uint32) for _ in range(2))
        self.firsts, self.size = [0], 0
        self._append([PAD_ID], [0], ROOT)
        self.begins[ROOT] = self.size

    def add_unigrams(self) -> Groups:
        """Add order 1; return all windows, grouped by first word."""
        counts = np.zeros(self.vocabulary_size, np.int64)
        # larger batches here: each bincount allocates the whole vocabulary, so a batch should be long beside it
        for begin in range(0, len(self.stream), 64 * BATCH):
            counts += np.bincount(self.stream[begin : begin + 64 * BATCH], minlength=self.vocabulary_size)
        self.firsts.append(self.size)
        self._append(range(self.vocabulary_size), np.where(np.arange(self.vocabulary_size) == BOS_ID, 0, counts), ROOT)
        np.add(self.stream, self.firsts[1], out=self.nodes_at)
        return first_words(self.stream, counts, self.allocate(len(self.stream), np.uint32))

    def add_order(self, order: int, groups: Groups) -> Groups:
        """Add an order; return the windows grouped by it, for the next order.

        Args:
            order: the order to add, from 2 on.
            groups: the windows, grouped by the order below; their array is overwritten.
        """
        histories = self.firsts[-1]
        self.firsts.append(self.size)
        kept = 0  # windows that reach the next order; they overwrite those already read
        for runs in next_words(self.stream, groups, order, self.vocabulary_size):
            first, last = runs.groups
            self.begins[histories + first : histories + last] = self.size + _starts(runs.continuations)
            # the suffix of an n-gram is the n-gram of the order below that begins one token later
            new = self._append(runs.words, runs.counts, self.nodes_at[runs.places[_starts(runs.counts)] + 1])
            if order < self.order:
                self.longer_at[runs.places] = np.repeat(np.arange(new.start, new.stop, dtype=np.uint32), runs.counts)
                # an n-gram that ends with EOS ends its line: no longer one continues it
                continued = runs.places[np.repeat(runs.words != EOS_ID, runs.counts)]
                groups.places[kept : kept + len(continued)] = continued
                kept += len(continued)
        self.nodes_at, self.longer_at = self.longer_at, self.nodes_at
        return Groups(groups.places[:kept], self._group_begins()) if order < self.order else groups

    def _append(self, words: Any, counts: Any, suffixes: Any) -> slice:
        """Append nodes of the current order; return their range."""
        new = slice(self.size, self.size + len(words))
        if new.stop > MOST_NODES:
            raise RunError(f"more than {MOST_NODES} n-grams; count a shorter order")
        for array in (self.words, self.suffixes, self.counts, self.begins):
            reserve(array, new.start, new.stop + 1)  # `begins` has one value more
        self.words[new], self.counts[new], self.suffixes[new] = words, counts, suffixes
        self.size = new.stop
        return new

    def _group_begins(self) -> NDArray[np.int64]:
        """Return where the windows of each n-gram of the last order begin; n-grams that end with EOS have none."""
        nodes = slice(self.firsts[-1], self.size)
        begins = self.allocate(nodes.stop - nodes.start + 1, np.int64)
        begins[0] = 0
        np.cumsum(np.where(self.words[nodes] == EOS_ID, 0, self.counts[nodes]), out=begins[1:])
        return begins

    def finish(self, tokens: int) -> Counts:
        """Return the counts of all orders."""
        self.firsts.append(self.size)
        self.begins[self.firsts[-2]] = self.size
        self.counts[ROOT] = tokens
        arrays = self.words[: self.size], self.begins[: self.firsts[-2] + 1], self.suffixes[: self.size]
        return Counts(Trie(self.vocabulary_size, tuple(self.firsts), *arrays), self.counts[: self.size], self.allocate)


def _starts(sizes: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return where consecutive groups of these sizes begin."""
    return np.cumsum(sizes) - sizes
