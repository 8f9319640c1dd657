"""Finding n-grams in sorted keys: one integer per n-gram, however long it is and however many types there are.

An n-gram's key is `index of its history * vocabulary size + its last word`, where the index is the history's
place among the sorted keys one order below, and the empty history is the only entry of order 0, at place 0. Keys
sorted as integers are n-grams sorted by words, the continuations of one history lie together, and no key
outgrows 64 bits, as words packed side by side would.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradus.text.special import BOS_ID, EOS_ID

Integers = NDArray[np.integer[Any]]

ABSENT = -1
"""Stands in the place of an entry that is not stored."""


def make_keys(histories: Integers, words: Integers, vocabulary_size: int) -> NDArray[np.int64]:
    """Return the keys of histories (entries one order below) and the words after them."""
    return histories.astype(np.int64) * vocabulary_size + words


def find(keys: NDArray[np.int64], wanted: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the places of `wanted` in the sorted `keys`, `ABSENT` where they are not; any one shape."""
    if not len(keys):
        return np.full(wanted.shape, ABSENT)
    places = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return np.where(keys[places] == wanted, places, ABSENT)


def with_bos(ids: Integers) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Put BOS at the start of every line.

    Args:
        ids: token ids, EOS at the end of every line, shape (n_tokens,); the last line may lack its EOS.
    Returns:
        stream: the ids with BOS, int64, shape (n_tokens + n_lines,).
        positions: the place of every token in the stream, int64, shape (n_tokens,).
    """
    starts = np.ones(len(ids), dtype=bool)
    starts[1:] = ids[:-1] == EOS_ID
    positions = np.arange(len(ids)) + np.cumsum(starts)
    stream = np.full(len(ids) + np.count_nonzero(starts), BOS_ID, dtype=np.int64)
    stream[positions] = ids
    return stream, positions


def match(
    keys: Sequence[NDArray[np.int64]], stream: NDArray[np.int64], vocabulary_size: int
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Yield, for orders 1, 2, ... of `keys`, the history and the n-gram that end at every place of a text.

    An n-gram never reaches over a line's BOS: no stored one has BOS after its first word.

    Args:
        keys: sorted keys of orders 1 to N.
        stream: ids with BOS at the start of every line, shape (n,).
        vocabulary_size: number of ids.
    Yields:
        histories: entries one order below that end before each place, `ABSENT` if none, int64, shape (n,).
        entries: entries of this order that end at each place, `ABSENT` if none, int64, shape (n,).
    """
    histories = np.zeros(len(stream), dtype=np.int64)  # the empty one
    for level in keys:
        entries = np.full(len(stream), ABSENT)
        known = np.flatnonzero(histories != ABSENT)
        entries[known] = find(level, make_keys(histories[known], stream[known], vocabulary_size))
        yield histories, entries
        histories = np.concatenate([[ABSENT], entries[:-1]])
