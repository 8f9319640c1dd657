"""Check the structure of a trie before compiled kernels read it: they do not check array bounds.

A checksum detects a damaged file, but anybody can write a folder with correct checksums. In a trie that passes, every
walk stays inside the arrays and ends: a suffix is one word shorter, so a walk over suffixes reaches the root, and the
continuations of order n are the nodes of order n + 1.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial

import numpy as np

from gradus.ngram.threads import in_threads
from gradus.ngram.trie import ROOT, Trie

CHUNK = 2**18
"""Values checked together: few enough for the caches of a processor."""

_FEW = 16  # starting threads takes longer than this many checks

Check = Callable[[], str | None]
"""Checks some values; returns what is wrong with them, or None."""


def trie_problem(trie: Trie) -> str | None:
    """Return what is wrong with the arrays of a trie, or None.

    Args:
        trie: its `firsts` ascend, and its arrays have the sizes that `firsts` requires.
    """
    if trie.words[ROOT] or trie.suffixes[ROOT] or np.any(trie.words[trie.nodes(1)] != np.arange(trie.vocabulary_size)):
        return "its 1-grams differ from the vocabulary"
    # the bounds of the orders first: the checks of single orders rely on them
    anchors = trie.begins[list(trie.firsts[: trie.order + 1])]
    if np.any(anchors != np.array(trie.firsts[1:])):
        return "the continuations of an order differ from the n-grams of the next order"
    return first_problem(_trie_checks(trie))


def first_problem(checks: Sequence[Check]) -> str | None:
    """Run checks, many of them in threads; return the first problem, or None."""
    results = (check() for check in checks) if len(checks) < _FEW else in_threads(lambda check: check(), checks)
    return next((problem for problem in results if problem), None)


def chunks(begin: int, end: int) -> Iterator[tuple[int, int]]:
    """Divide a range into ranges of at most `CHUNK` values."""
    return ((start, min(start + CHUNK, end)) for start in range(begin, end, CHUNK))


def _trie_checks(trie: Trie) -> list[Check]:
    checks: list[Check] = [partial(_begins_problem, trie, *chunk) for chunk in chunks(0, len(trie.begins))]
    for order in range(1, trie.order + 1):
        for chunk in chunks(trie.firsts[order], trie.firsts[order + 1]):
            checks.append(partial(_suffixes_problem, trie, order, *chunk))
            if order > 1:
                checks.append(partial(_words_problem, trie, *chunk))
    return checks


def _begins_problem(trie: Trie, begin: int, end: int) -> str | None:
    begins = trie.begins[begin : end + 1]
    return None if (begins[1:] >= begins[:-1]).all() else "the continuations of its nodes are out of order"


def _suffixes_problem(trie: Trie, order: int, begin: int, end: int) -> str | None:
    suffixes = trie.suffixes[begin:end]
    if trie.firsts[order - 1] <= suffixes.min() and suffixes.max() < trie.firsts[order]:
        return None
    return f"the suffix of a {order}-gram is not one word shorter"


def _words_problem(trie: Trie, begin: int, end: int) -> str | None:
    """Check that words ascend among the continuations of each history, for n-grams of one order from 2 on."""
    words = trie.words[begin - 1 : end]  # one value before the chunk, to compare across its border
    ascends = words[1:] > words[:-1]
    histories = np.searchsorted(trie.begins, np.array([begin, end], trie.begins.dtype))
    ascends[trie.begins[histories[0] : histories[1]] - begin] = True  # the first continuation of each history
    if words.max() >= trie.vocabulary_size:
        return "a word is not in the vocabulary"
    return None if ascends.all() else "its words are out of order"
