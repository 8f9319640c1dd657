"""Sort the windows of a text by one more word per order, so that equal n-grams become adjacent.

A window is the text from one token on. Each sort is over 64-bit keys that pack a few fields, because sorting values is
many times faster than sorting indices. Windows that begin with the same n-gram are a group. A batch of groups is
sorted at once: the keys stay short, and little memory is needed beside the arrays of the text.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gradus.ngram.threads import in_threads
from gradus.ngram.trie import Nodes, batches
from gradus.text.special import EOS_ID

BATCH = 2**16
"""Windows sorted at once, so that their keys fit into the cache; a single larger group is a batch of its own."""


@dataclass(frozen=True)
class Groups:
    """The windows of a text, grouped by the n-gram that they begin with; an n-gram that ends with EOS has none."""

    places: Nodes
    """Position in the text where each window begins, group after group, uint32."""
    begins: NDArray[np.int64]
    """First window of every group, then the number of windows, int64, shape (n-grams + 1,)."""


@dataclass(frozen=True)
class Runs:
    """Consecutive n-grams of one order, sorted, and their occurrences."""

    groups: tuple[int, int]
    """The n-grams of the order below that these continue: the first, and the one after the last."""
    continuations: NDArray[np.int64]
    """Number of n-grams here that continue each of those, int64, shape (groups,)."""
    words: NDArray[np.int64]
    """Last word of every n-gram, int64, shape (E,)."""
    counts: NDArray[np.int64]
    """Occurrences of every n-gram, int64, shape (E,)."""
    places: Nodes
    """Positions of the occurrences, n-gram after n-gram, uint32, shape (sum of counts,)."""


def first_words(stream: Nodes, counts: NDArray[np.int64], places: Nodes) -> Groups:
    """Group all windows by their first word, one group for every id.

    Args:
        stream: ids with BOS before every line, shape (n,).
        counts: occurrences of every id in the stream, shape (vocabulary_size,).
        places: array of n values to write the positions to.
    """
    sizes = np.where(np.arange(len(counts)) == EOS_ID, 0, counts)
    begins = np.concatenate([[0], np.cumsum(sizes)])
    free = begins[:-1].copy()  # next free place of every group
    for start in range(0, len(stream), BATCH):
        words, order = _sort(stream[start : start + BATCH].astype(np.uint64))
        starts, lengths = _runs(words)
        firsts = words[starts].astype(np.int64)
        within = np.arange(len(words)) - np.repeat(starts, lengths)
        inside = words != EOS_ID  # a window that begins with EOS holds no longer n-gram
        places[(np.repeat(free[firsts], lengths) + within)[inside]] = (start + order)[inside]
        free[firsts] += lengths
    return Groups(places[: begins[-1]], begins)


def next_words(stream: Nodes, groups: Groups, order: int, vocabulary_size: int) -> Iterator[Runs]:
    """Sort the windows of every group by their `order`-th word; yield the n-grams that result, sorted.

    The caller may overwrite the positions of batches that were already yielded.
    """
    bits = (vocabulary_size - 1).bit_length()
    size = min(BATCH, 1 << (64 - bits) // 2)  # so that group, word and place fit into a key

    def sort(batch: tuple[int, int]) -> Runs:
        return _sort_batch(stream, groups, batch, order, np.uint64(bits))

    yield from in_threads(sort, batches(groups.begins, size))


def _sort_batch(stream: Nodes, groups: Groups, batch: tuple[int, int], order: int, bits: np.uint64) -> Runs:
    first, last = batch
    begins = groups.begins[first : last + 1]
    places = groups.places[begins[0] : begins[-1]]
    group = np.repeat(np.arange(last - first, dtype=np.uint64), np.diff(begins))
    ngrams, rows = _sort(group << bits | stream[places + np.uint32(order - 1)])
    starts, counts = _runs(ngrams)
    ngrams = ngrams[starts]
    continuations = np.bincount((ngrams >> bits).astype(np.int64), minlength=last - first)
    words = ngrams & ((np.uint64(1) << bits) - np.uint64(1))
    return Runs(batch, continuations, words.astype(np.int64), counts, places[rows])


def _sort(values: NDArray[np.uint64]) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Sort values stably; return them and the index that each had."""
    bits = np.uint64(max(1, (len(values) - 1).bit_length()))
    keys = values << bits | np.arange(len(values), dtype=np.uint64)
    keys.sort()  # the index in the low bits makes keys distinct, so the sort is stable by any algorithm
    indices = (keys & ((np.uint64(1) << bits) - np.uint64(1))).astype(np.int64)
    return keys >> bits, indices


def _runs(values: NDArray[np.uint64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return where the runs of equal values begin, and their lengths."""
    changes = np.ones(len(values), dtype=bool)
    np.not_equal(values[1:], values[:-1], out=changes[1:])
    starts = np.flatnonzero(changes)
    return starts, np.diff(starts, append=len(values))
