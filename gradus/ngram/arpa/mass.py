"""Sum the probabilities of all words after each history of a model."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gradus.ngram.trie import ROOT, Tables, Trie

MOST = 1.01
"""Largest accepted sum of probabilities.

Toolkits round logarithms to about six digits, and back-off weights amplify this error, so sums can exceed 1 slightly.
"""


class Mass(NamedTuple):
    """A history, and a sum of probabilities of words after this history."""

    value: float
    node: int
    """Number of the history in the trie."""


def largest_masses(trie: Trie, tables: Tables) -> tuple[Mass, Mass]:
    """Sum probabilities after every history h of a model, in two ways; return the largest value of each sum.

    unseen(h) = backoff(h) * (1 - sum of p(w | h'))
    total(h)  = unseen(h) + sum of p(w | h)

    Both sums are over the words w whose n-gram hw is stored, and h' is h without its first word. So unseen(h) is the
    probability of all other words, and total(h) is the probability of all words.

    The formula of unseen(h) is right only if the probabilities after h' sum to one. If they sum to more, total(h') is
    above one, so the largest total still shows the error.

    Args:
        trie: n-grams of orders 1 to N. The suffix of each n-gram is in the trie too.
        tables: log-probabilities and back-off weights of the trie's nodes, without NaN and +inf.
    Returns:
        The largest total(h), and the largest unseen(h).
    """
    unigrams = Mass(float(np.exp(tables.log_probs[trie.nodes(1)], dtype=np.float64).sum()), ROOT)
    totals, unseen = zip((unigrams, Mass(0.0, ROOT)), *_by_order(trie, tables), strict=True)
    return max(totals), max(unseen)


def _by_order(trie: Trie, tables: Tables) -> Iterator[tuple[Mass, Mass]]:
    """Yield the largest total(h) and the largest unseen(h) of each order. `largest_masses` defines total and unseen."""
    for order in range(2, trie.order + 1):
        nodes, histories = trie.nodes(order), trie.nodes(order - 1)
        begins = trie.begins[histories.start : histories.stop + 1].astype(np.int64) - nodes.start
        below = _sums(tables.log_probs[trie.suffixes[nodes]], begins)
        with np.errstate(over="ignore"):
            weights = np.exp(tables.backoff[histories], dtype=np.float64)
        # rounding can put the sum of p(w | h') slightly above 1
        unseen = weights * np.maximum(1 - below, 0)
        totals = _sums(tables.log_probs[nodes], begins) + unseen
        if len(totals):
            yield _largest(totals, histories.start), _largest(unseen, histories.start)


def _sums(log_probs: NDArray[np.float32], begins: NDArray[np.int64]) -> NDArray[np.float64]:
    """Sum the probabilities of each history's continuations; return float64, shape (H,)."""
    # differences of a cumulative sum, because `reduceat` is wrong for histories without continuations
    sums = np.concatenate([[0.0], np.cumsum(np.exp(log_probs, dtype=np.float64))])
    return np.asarray(sums[begins[1:]] - sums[begins[:-1]])


def _largest(masses: NDArray[np.float64], first: int) -> Mass:
    """Return the largest of `masses`, and its node. The value `masses[i]` belongs to node `first + i`."""
    at = int(np.argmax(masses))
    return Mass(float(masses[at]), first + at)
