"""Sum the probabilities of all words after each history of a model."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gradus.ngram.trie import ROOT, Tables, Trie

MOST = 1.01
"""Largest accepted sum of probabilities: files round to six digits, and back-off weights amplify the rounding."""


class Mass(NamedTuple):
    """A sum of probabilities after a history."""

    value: float
    node: int
    """The history."""


def largest_masses(trie: Trie, tables: Tables) -> tuple[Mass, Mass]:
    """Return the largest sum over all words after one history, and the largest over words not stored after it.

    all words:  sum over stored hw of p(hw), plus the sum over other words
    others:     weight(h) (1 - sum over stored hw of p(w | h'))

    The order below is assumed to sum to one. If it sums to more, the shorter history itself has a sum above one.

    Args:
        trie: n-grams of orders 1 to N; the suffix of each is in the trie as well.
        tables: tables of its nodes, without NaN and +inf.
    """
    unigrams = Mass(float(np.exp(tables.log_probs[trie.nodes(1)], dtype=np.float64).sum()), ROOT)
    totals, others = zip((unigrams, Mass(0.0, ROOT)), *_by_order(trie, tables), strict=True)
    return max(totals), max(others)


def _by_order(trie: Trie, tables: Tables) -> Iterator[tuple[Mass, Mass]]:
    """Yield both sums of the histories of each order, as far as there are any."""
    for order in range(2, trie.order + 1):
        nodes, histories = trie.nodes(order), trie.nodes(order - 1)
        begins = trie.begins[histories.start : histories.stop + 1].astype(np.int64) - nodes.start
        below = _sums(tables.log_probs[trie.suffixes[nodes]], begins)
        with np.errstate(over="ignore"):
            weights = np.exp(tables.backoff[histories], dtype=np.float64)
        others = weights * np.maximum(1 - below, 0)
        totals = _sums(tables.log_probs[nodes], begins) + others
        if len(totals):
            yield _largest(totals, histories.start), _largest(others, histories.start)


def _sums(log_probs: NDArray[np.float32], begins: NDArray[np.int64]) -> NDArray[np.float64]:
    """Sum the probabilities of the continuations of every history, float64, shape (H,)."""
    # differences of a cumulative sum, because `reduceat` is wrong for histories without continuations
    sums = np.concatenate([[0.0], np.cumsum(np.exp(log_probs, dtype=np.float64))])
    return np.asarray(sums[begins[1:]] - sums[begins[:-1]])


def _largest(masses: NDArray[np.float64], first: int) -> Mass:
    """Return the largest of the masses of consecutive histories, of which `first` is the first node."""
    at = int(np.argmax(masses))
    return Mass(float(masses[at]), first + at)
