"""Counts of the n-grams of every order, and the joins between orders that every smoother needs."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradus.ngram.lookup import Integers, find, make_keys, with_bos
from gradus.ngram.windows import sorted_windows
from gradus.progress import Track, silent
from gradus.text.special import BOS_ID, PAD_ID


@dataclass(frozen=True)
class CountLevel:
    """The n-grams of one order, E of them, sorted by words.

    Order 1 has an entry for every id, occurring or not; BOS, which is never predicted, counts 0 there.

    Attributes:
        order: words in an n-gram.
        vocabulary_size: number of ids.
        n_histories: entries one order below; the empty history is the only one of order 0.
        keys: history * vocabulary_size + last word, int64, shape (E,), ascending.
        counts: occurrences, integers, shape (E,).
        suffixes: the entry one order below that lacks the first word, integers, shape (E,).
    """

    order: int
    vocabulary_size: int
    n_histories: int
    keys: NDArray[np.int64]
    counts: Integers
    suffixes: Integers

    def histories(self) -> NDArray[np.int64]:
        """Return the entry one order below that lacks the last word, int64, shape (E,)."""
        return self.keys // self.vocabulary_size

    def words(self) -> NDArray[np.int64]:
        """Return the last word of every n-gram, int64, shape (E,)."""
        return self.keys % self.vocabulary_size


@dataclass(frozen=True)
class Counts:
    """Counts of orders 1 to N of one text; `levels[n - 1]` holds order n."""

    vocabulary_size: int
    levels: tuple[CountLevel, ...]

    @property
    def order(self) -> int:
        """The longest order, N."""
        return len(self.levels)

    @property
    def keys(self) -> tuple[NDArray[np.int64], ...]:
        """The sorted keys of orders 1 to N."""
        return tuple(level.keys for level in self.levels)

    @property
    def observed(self) -> NDArray[np.bool_]:
        """Whether each id occurs in the text, shape (vocabulary_size,)."""
        return np.asarray(self.levels[0].counts > 0)

    @property
    def types(self) -> int:
        """Predictable types, V of the formulas: every id but PAD and BOS."""
        return self.vocabulary_size - 2


def count_ngrams(ids: Integers, *, order: int, vocabulary_size: int, track: Track = silent) -> Counts:
    """Count the n-grams of every order from 1 to `order`.

    c(w1..wn) for the n-grams inside lines; a line is one BOS, its tokens and EOS.

    The windows of `order` tokens are sorted once; the n-grams of every order are their runs of equal prefixes.

    Args:
        ids: token ids, EOS at the end of every line and BOS nowhere, shape (n_tokens,).
        order: the longest order, at least 1.
        vocabulary_size: number of ids; every id is below it.
        track: shows how far the orders have come.
    Raises:
        ValueError: if there are no ids, or one is PAD, BOS or outside the vocabulary.
    """
    if not len(ids):
        raise ValueError("n-grams of an empty text cannot be counted")
    if int(ids.max()) >= vocabulary_size or bool(np.isin(ids, (PAD_ID, BOS_ID)).any()):
        raise ValueError(f"token ids must be below {vocabulary_size}, and neither PAD nor BOS")
    columns = sorted_windows(with_bos(ids)[0], order, vocabulary_size)
    return Counts(vocabulary_size, tuple(_levels(columns, vocabulary_size, track)))


def _levels(columns: list[NDArray[np.int64]], vocabulary_size: int, track: Track) -> Iterator[CountLevel]:
    """Yield order after order: one entry per run of windows that agree in their first n words."""
    changes = np.zeros(len(columns[0]), dtype=bool)
    changes[0] = True
    level, places = None, columns[0]  # the entry of each window's first n - 1 words
    for words in track(columns, "counting", len(columns)):
        changes[1:] |= words[1:] != words[:-1]
        starts = np.flatnonzero(changes)
        runs = np.diff(starts, append=len(changes))
        inside = words[starts] != PAD_ID  # the other runs are windows that ended with their line
        starts, runs = starts[inside], runs[inside]
        if level is None:
            level = _unigrams(words[starts], runs, vocabulary_size)
        else:
            level = _longer(level, make_keys(places[starts], words[starts], vocabulary_size), runs)
            places = np.repeat(np.arange(-1, len(starts)), np.diff(starts, prepend=0, append=len(places)))
        yield level


def _unigrams(words: Integers, runs: NDArray[np.int64], vocabulary_size: int) -> CountLevel:
    counts = np.zeros(vocabulary_size, dtype=np.int64)
    counts[words] = runs
    counts[BOS_ID] = 0
    keys = np.arange(vocabulary_size)
    return CountLevel(1, vocabulary_size, 1, keys, _compact(counts), _compact(np.zeros_like(keys)))


def _longer(below: CountLevel, keys: NDArray[np.int64], counts: NDArray[np.int64]) -> CountLevel:
    """Join an order with the one below: the suffix of hw is the n-gram (suffix of h) w."""
    size = below.vocabulary_size
    suffixes = find(below.keys, make_keys(below.suffixes[keys // size], keys % size, size))
    return CountLevel(below.order + 1, size, len(below.keys), keys, _compact(counts), _compact(suffixes))


def _compact(values: NDArray[np.int64]) -> NDArray[Any]:
    return values.astype(np.min_scalar_type(int(values.max(initial=0))))
