"""Sort the windows of a text so that equal n-grams become adjacent. Each higher order sorts by one more word.

A window is the text from one position on. A group is the set of windows that begin with the same n-gram. The functions
sort a batch of groups at a time, because a batch needs short keys and little memory. A sort key is a 64-bit integer
that contains the group, the word and the index of a window. Sorting such integers is many times faster than sorting
indices.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gradus.ngram.threads import in_threads
from gradus.ngram.trie import Nodes, batches
from gradus.text.special import EOS_ID

BATCH = 2**16
"""Maximum number of windows in one sort, so that the keys fit into the cache. A larger group is sorted alone."""


@dataclass(frozen=True)
class Groups:
    """The windows of a text, grouped by their first n words. An n-gram that ends with EOS has an empty group."""

    places: Nodes
    """Start position of every window in the text, group after group, uint32."""
    begins: NDArray[np.int64]
    """Index of the first window of every group, then the number of windows; int64, shape (groups + 1,)."""


@dataclass(frozen=True)
class Runs:
    """Some consecutive n-grams of one order, sorted by their words, with all their occurrences in the text."""

    groups: tuple[int, int]
    """Index of the first group, and index of the last group plus one. These groups are the histories of the n-grams."""
    continuations: NDArray[np.int64]
    """Number of distinct continuations of every history, int64, shape (groups,)."""
    words: NDArray[np.int64]
    """Last word of every n-gram, int64, shape (E,)."""
    counts: NDArray[np.int64]
    """Count of every n-gram, int64, shape (E,)."""
    places: Nodes
    """Start positions of the occurrences in the text, n-gram after n-gram, uint32, shape (sum of counts,)."""


def first_words(stream: Nodes, counts: NDArray[np.int64], places: Nodes) -> Groups:
    """Group all windows by their first word. Every id has a group, which may be empty.

    Args:
        stream: ids with BOS before every line, shape (n,).
        counts: count of every id in the stream, shape (vocabulary_size,).
        places: output array for the positions, shape (n,).
    """
    sizes = np.where(np.arange(len(counts)) == EOS_ID, 0, counts)
    begins = np.concatenate([[0], np.cumsum(sizes)])
    free = begins[:-1].copy()  # index of the next free value of every group
    for start in range(0, len(stream), BATCH):
        words, order = _sort(stream[start : start + BATCH].astype(np.uint64))
        starts, lengths = _runs(words)
        firsts = words[starts].astype(np.int64)
        within = np.arange(len(words)) - np.repeat(starts, lengths)
        inside = words != EOS_ID  # no n-gram continues EOS, so these windows are not needed
        places[(np.repeat(free[firsts], lengths) + within)[inside]] = (start + order)[inside]
        free[firsts] += lengths
    return Groups(places[: begins[-1]], begins)


def next_words(stream: Nodes, groups: Groups, order: int, vocabulary_size: int) -> Iterator[Runs]:
    """Sort the windows of every group by their `order`-th word; yield the sorted n-grams in batches.

    After a batch is yielded, the caller may overwrite the batch's positions in `groups`.
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
    """Sort values stably; return the sorted values, and the original index of each."""
    bits = np.uint64(max(1, (len(values) - 1).bit_length()))
    keys = values << bits | np.arange(len(values), dtype=np.uint64)
    keys.sort()  # the index in the low bits makes all keys distinct, so every algorithm sorts stably
    indices = (keys & ((np.uint64(1) << bits) - np.uint64(1))).astype(np.int64)
    return keys >> bits, indices


def _runs(values: NDArray[np.uint64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Find runs of equal values; return the start index and the length of each run."""
    changes = np.ones(len(values), dtype=bool)
    np.not_equal(values[1:], values[:-1], out=changes[1:])
    starts = np.flatnonzero(changes)
    return starts, np.diff(starts, append=len(values))
