"""The windows of a text, sorted a word further for every order: equal n-grams come to lie side by side.

What is sorted is always one 64-bit key of a few packed fields, for sorting values is many times faster than sorting
places. Windows that begin with the same n-gram are a group; a batch of groups is sorted at once, so that the keys
stay short and the memory beside the arrays of the text stays small.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gradus.ngram.threads import in_threads
from gradus.ngram.trie import Nodes, batches
from gradus.text.special import EOS_ID

BATCH = 2**16
"""Windows sorted at once; a single group may have more. Its keys fit into a processor's cache."""


@dataclass(frozen=True)
class Groups:
    """The windows of a text by the n-gram that they begin with; those that end with it, at EOS, are left out.

    Attributes:
        places: where every window begins, group after group, uint32.
        begins: where every group begins among the places, and the end; int64, shape (n-grams + 1,).
    """

    places: Nodes
    begins: NDArray[np.int64]


@dataclass(frozen=True)
class Runs:
    """Some n-grams of one order, ascending, and their occurrences.

    Attributes:
        groups: the n-grams one order below that they continue, first and end.
        continuations: how many continue each of them, int64, shape (groups,).
        words: last word of each, int64, shape (E,).
        counts: occurrences of each, int64, shape (E,).
        places: where they occur, one n-gram after the other, uint32, shape (sum of counts,).
    """

    groups: tuple[int, int]
    continuations: NDArray[np.int64]
    words: NDArray[np.int64]
    counts: NDArray[np.int64]
    places: Nodes


def first_words(stream: Nodes, counts: NDArray[np.int64], places: Nodes) -> Groups:
    """Group all windows by their first word; a group for every id.

    Args:
        stream: ids with BOS before every line, shape (n,).
        counts: occurrences of every id in the stream, shape (vocabulary_size,).
        places: room for n places.
    """
    sizes = np.where(np.arange(len(counts)) == EOS_ID, 0, counts)
    begins = np.concatenate([[0], np.cumsum(sizes)])
    free = begins[:-1].copy()  # next free place of every group
    for start in range(0, len(stream), BATCH):
        words, order = _sort(stream[start : start + BATCH].astype(np.uint64))
        starts, runs = _runs(words)
        firsts = words[starts].astype(np.int64)
        within = np.arange(len(words)) - np.repeat(starts, runs)
        inside = words != EOS_ID
        places[(np.repeat(free[firsts], runs) + within)[inside]] = (start + order)[inside]
        free[firsts] += runs
    return Groups(places[: begins[-1]], begins)


def next_words(stream: Nodes, groups: Groups, order: int, vocabulary_size: int) -> Iterator[Runs]:
    """Sort the windows of every group by their `order`-th word, and yield the n-grams that come out, ascending.

    Places of batches that were yielded may be written over.
    """
    bits = (vocabulary_size - 1).bit_length()
    size = min(BATCH, 1 << (64 - bits) // 2)  # so that group, word and place fit into a key

    def sort(batch: tuple[int, int]) -> Runs:
        return _next_words_of(stream, groups, batch, order, np.uint64(bits))

    yield from in_threads(sort, batches(groups.begins, size))


def _next_words_of(stream: Nodes, groups: Groups, batch: tuple[int, int], order: int, bits: np.uint64) -> Runs:
    first, last = batch
    begins = groups.begins[first : last + 1]
    places = groups.places[begins[0] : begins[-1]]
    group = np.repeat(np.arange(last - first, dtype=np.uint64), np.diff(begins))
    ngrams, at = _sort(group << bits | stream[places + np.uint32(order - 1)])
    starts, counts = _runs(ngrams)
    ngrams = ngrams[starts]
    continuations = np.bincount((ngrams >> bits).astype(np.int64), minlength=last - first)
    words = ngrams & ((np.uint64(1) << bits) - np.uint64(1))
    return Runs(batch, continuations, words.astype(np.int64), counts, places[at])


def _sort(values: NDArray[np.uint64]) -> tuple[NDArray[np.uint64], NDArray[np.int64]]:
    """Sort values, equal ones by place; return them and the places that they had."""
    bits = np.uint64(max(1, (len(values) - 1).bit_length()))
    keys = values << bits | np.arange(len(values), dtype=np.uint64)
    keys.sort()
    places = (keys & ((np.uint64(1) << bits) - np.uint64(1))).astype(np.int64)
    return keys >> bits, places


def _runs(values: NDArray[np.uint64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return where the runs of equal values begin, and their lengths."""
    changes = np.ones(len(values), dtype=bool)
    np.not_equal(values[1:], values[:-1], out=changes[1:])
    starts = np.flatnonzero(changes)
    return starts, np.diff(starts, append=len(values))
