"""Check the structure of a trie before compiled kernels read it, because the kernels do not check array bounds.

Checksums detect damaged files, but anybody can write a wrong folder with correct checksums. In a trie without errors,
no loop of a kernel reads outside the arrays, and no loop runs forever. Each suffix is one word shorter than its n-gram,
so a loop over suffixes ends at the root. Each continuation of an n-gram of order n is a node of order n + 1.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial

import numpy as np

from gradus.ngram.threads import in_threads
from gradus.ngram.trie import ROOT, Trie

CHUNK = 2**18
"""Number of values per check, small enough for the caches of a processor."""

_FEW = 16  # with fewer checks, starting threads would take longer than the checks

Check = Callable[[], str | None]
"""Function that checks some values; it returns a description of the first error, or None."""


def trie_problem(trie: Trie) -> str | None:
    """Return a description of the first error in the arrays of a trie, or None.

    Args:
        trie: a trie with ascending `firsts`, and with arrays of the sizes that `firsts` requires.
    """
    if trie.words[ROOT] or trie.suffixes[ROOT] or np.any(trie.words[trie.nodes(1)] != np.arange(trie.vocabulary_size)):
        return "1-grams that are not the ids of the vocabulary"
    # first the bounds of the orders, because the checks of each order rely on the bounds
    anchors = trie.begins[list(trie.firsts[: trie.order + 1])]
    if np.any(anchors != np.array(trie.firsts[1:])):
        return "n-grams of one order whose continuations are not the n-grams of the next order"
    return first_problem(_trie_checks(trie))


def first_problem(checks: Sequence[Check]) -> str | None:
    """Run checks until one finds an error; return this error, or None. Many checks run in parallel."""
    results = (check() for check in checks) if len(checks) < _FEW else in_threads(lambda check: check(), checks)
    return next((problem for problem in results if problem), None)


def chunks(begin: int, end: int) -> Iterator[tuple[int, int]]:
    """Divide a range into parts of at most `CHUNK` values; yield the bounds of each part."""
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
    return None if (begins[1:] >= begins[:-1]).all() else "nodes whose continuations are out of order"


def _suffixes_problem(trie: Trie, order: int, begin: int, end: int) -> str | None:
    suffixes = trie.suffixes[begin:end]
    if trie.firsts[order - 1] <= suffixes.min() and suffixes.max() < trie.firsts[order]:
        return None
    return f"a {order}-gram whose suffix is not one word shorter"


def _words_problem(trie: Trie, begin: int, end: int) -> str | None:
    """Check that the continuations of each history have ascending words; the order must be at least 2."""
    words = trie.words[begin - 1 : end]  # one value more, to compare the first word of the chunk with the word before
    ascends = words[1:] > words[:-1]
    histories = np.searchsorted(trie.begins, np.array([begin, end], trie.begins.dtype))
    # words ascend within a history only: the first continuation of each history may have a smaller word
    ascends[trie.begins[histories[0] : histories[1]] - begin] = True
    if words.max() >= trie.vocabulary_size:
        return "a word that is not in the vocabulary"
    return None if ascends.all() else "words that are out of order"
