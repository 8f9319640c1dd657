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
from gradus.ngram.trie import AT_BOS, ROOT, Nodes, Tables, Trie
from gradus.text.special import EOS_ID, PAD_ID

CHUNK = 2**18
"""Values checked together: few enough for the processor's caches."""

MOST_LOG = 1e-4
"""ln p of a stored n-gram at most: rounding puts ln 1 a little above 0."""

MOST_WEIGHT = 70.0
"""ln of a back-off weight at most: weights above 1 exist, but none makes 10^30 of a probability."""

_FEW = 16  # checks that take less time than threads take to start

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


def counts_problem(trie: Trie, counts: Nodes) -> str | None:
    """Return what is wrong with the counts of a trie that `trie_problem` passes, or None.

    Every token but the last of a line is followed by one word, every token is preceded by one or by BOS: so the counts
    of an n-gram's continuations sum to its own, and so do those of the longer n-grams that end with it. That of BOS is
    0, but every line begins with it.
    """
    lines = counts[trie.firsts[1] + EOS_ID]
    if counts[ROOT] != counts[trie.nodes(1)].sum(dtype=np.int64) or counts[AT_BOS] or counts[trie.firsts[1] + PAD_ID]:
        return "the counts of its 1-grams do not sum to the tokens"
    at_bos = trie.continuations(AT_BOS)
    for n in range(1, trie.order):
        nodes, longer = trie.nodes(n), trie.nodes(n + 1)
        own = counts[nodes].astype(np.int64)
        before, after = own.copy(), np.where(trie.words[nodes] == EOS_ID, 0, own)
        begin, end = at_bos[n].start - nodes.start, at_bos[n].stop - nodes.start
        before[begin:end] = 0
        if n == 1:
            after[begin] = lines
        if not counts[longer].all() or not np.array_equal(after, _sums_of_continuations(trie, counts, n)):
            return f"the counts of its {n + 1}-grams do not sum to those of their histories"
        ends = np.bincount(trie.suffixes[longer] - np.uint32(nodes.start), counts[longer], len(own))
        if not np.array_equal(before, ends):
            return f"the counts of its {n + 1}-grams do not sum to those of their suffixes"
        if problem := _link_problem(trie, n + 1):
            return problem
    return None


def _sums_of_continuations(trie: Trie, counts: Nodes, order: int) -> NDArray[np.int64]:
    nodes, longer = trie.nodes(order), trie.nodes(order + 1)
    sums = np.concatenate([[0], np.cumsum(counts[longer], dtype=np.int64)])
    return np.asarray(np.diff(sums[trie.begins[nodes.start : nodes.stop + 1].astype(np.int64) - longer.start]))


def _link_problem(trie: Trie, order: int) -> str | None:
    """Look whether the suffix of every n-gram ends with its word, and continues the suffix of its history."""
    nodes, histories = trie.nodes(order), trie.nodes(order - 1)
    sizes = np.diff(trie.begins[histories.start : histories.stop + 1])
    shorter, above = trie.suffixes[nodes], np.repeat(trie.suffixes[histories], sizes)
    fits = (trie.begins[above] <= shorter) & (shorter < trie.begins[above + 1])
    if (fits & (trie.words[shorter] == trie.words[nodes])).all():
        return None
    return f"the suffix of a {order}-gram is another n-gram"


def _first_problem(checks: Sequence[Check]) -> str | None:
    found = (check() for check in checks) if len(checks) < _FEW else in_threads(lambda check: check(), checks)
    return next((problem for problem in found if problem), None)


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
    return None if (log_weights <= MOST_WEIGHT).all() else "a back-off weight is beyond all bounds or no number"


def _chunks(begin: int, end: int) -> Iterator[tuple[int, int]]:
    return ((at, min(at + CHUNK, end)) for at in range(begin, end, CHUNK))
