"""What the compiled walks take for granted of a trie and its tables, checked before they see them.

Sums tell rot, but a stranger can write sums too. A trie that passes here keeps every walk inside its arrays and
lets it end: a suffix is an n-gram one word shorter, so that walks over suffixes reach the root, and the
continuations of order n are the nodes of order n + 1.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from gradus.ngram.threads import in_threads
from gradus.ngram.trie import ROOT, Tables, Trie

CHUNK = 2**18
"""Values checked together: few enough for the processor's caches."""

MOST_LOG = 1e-4
"""ln p of a stored n-gram at most: rounding puts ln 1 a little above 0."""

Check = Callable[[], str | None]
"""Looks at some values; returns what is wrong with them, or None."""


def trie_problem(trie: Trie) -> str | None:
    """Return what is wrong with the arrays of a trie, or None.

    Args:
        trie: its `firsts` ascend, and its arrays have as many values as they say.
    """
    if trie.words[ROOT] or trie.suffixes[ROOT] or np.any(trie.words[trie.nodes(1)] != np.arange(trie.vocabulary_size)):
        return "its 1-grams are not the vocabulary"
    anchors = trie.begins[list(trie.firsts[: trie.order + 1])]
    if np.any(anchors != np.array(trie.firsts[1:])):
        return "the continuations of an order are not the next order"
    return _first_problem(_trie_checks(trie))


def tables_problem(tables: Tables) -> str | None:
    """Return what is wrong with the numbers of a model, or None."""
    parts = [partial(_log_probs, tables.log_probs[begin:end]) for begin, end in _chunks(1, len(tables.log_probs))]
    parts += [
        partial(_log_weights, tables.log_weights[begin:end]) for begin, end in _chunks(0, len(tables.log_weights))
    ]
    return _first_problem(parts)


def _first_problem(checks: Sequence[Check]) -> str | None:
    return next((problem for problem in in_threads(lambda check: check(), checks) if problem), None)


def _trie_checks(trie: Trie) -> list[Check]:
    checks: list[Check] = [partial(_begins, trie, begin, end) for begin, end in _chunks(0, len(trie.begins))]
    for order in range(1, trie.order + 1):
        for begin, end in _chunks(trie.firsts[order], trie.firsts[order + 1]):
            checks.append(partial(_suffixes, trie, order, begin, end))
            if order > 1:
                checks.append(partial(_words, trie, begin, end))
    return checks


def _begins(trie: Trie, begin: int, end: int) -> str | None:
    begins = trie.begins[begin : end + 1]
    return None if (begins[1:] >= begins[:-1]).all() else "the continuations of its nodes are out of order"


def _suffixes(trie: Trie, order: int, begin: int, end: int) -> str | None:
    suffixes = trie.suffixes[begin:end]
    if trie.firsts[order - 1] <= suffixes.min() and suffixes.max() < trie.firsts[order]:
        return None
    return f"the suffix of a {order}-gram is not one word shorter"


def _words(trie: Trie, begin: int, end: int) -> str | None:
    """Look at n-grams of one order from 2 on: words ascend among the continuations of one history."""
    words = trie.words[begin - 1 : end]
    ascends = words[1:] > words[:-1]
    histories = np.searchsorted(trie.begins, np.array([begin, end], trie.begins.dtype))
    ascends[trie.begins[histories[0] : histories[1]] - begin] = True  # the first continuation of a history
    if words.max() >= trie.vocabulary_size:
        return "a word is not in the vocabulary"
    return None if ascends.all() else "its words are out of order"


def _log_probs(log_probs: NDArray[np.float32]) -> str | None:
    return None if (log_probs <= MOST_LOG).all() else "a probability is above 1 or no number"


def _log_weights(log_weights: NDArray[np.float32]) -> str | None:
    return None if (log_weights < np.inf).all() else "a back-off weight is infinite or no number"


def _chunks(begin: int, end: int) -> Iterator[tuple[int, int]]:
    return ((at, min(at + CHUNK, end)) for at in range(begin, end, CHUNK))
