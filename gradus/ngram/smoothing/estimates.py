"""The form that all smoothers share: probabilities of seen n-grams, and back-off weights for all others.

    p(w | h) = probs[hw]                  if hw was seen
             = backoff[h] p(w | h')       otherwise; h' is h without its first word

Interpolated smoothers fit this form too: their share of p(w | h') is added to the probability of every seen n-gram.
The recursion ends in order 0, whose only entry, the empty n-gram, has p = 1/V. Order 1 has an entry for every type.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradus.ngram.trie import Integers, Trie, batches
from gradus.results.details import Fitted
from gradus.text.special import BOS_ID, PAD_ID

Floats = NDArray[np.float64]

BATCH = 2**17
"""n-grams estimated at once; those of a single history may be more."""


@dataclass(frozen=True)
class HistoryBatch:
    """Some histories of one order, and all n-grams that continue them: the input of one estimate."""

    order: int
    """Words of an n-gram."""
    types: int
    """Predictable types, V."""
    histories: slice
    """Nodes of the histories, H of them."""
    nodes: slice
    """Nodes of the n-grams, E of them, history after history."""
    sizes: NDArray[np.int64]
    """Number of seen continuations of every history, shape (H,)."""
    counts: NDArray[np.int64]
    """Count of every n-gram, or what the smoother uses instead, shape (E,)."""
    below: Floats
    """p(w | h') of every n-gram, from the order below, shape (E,)."""

    @cached_property
    def _rows(self) -> NDArray[np.int64]:
        """The history of every n-gram, from 0 to H - 1, shape (E,)."""
        return np.repeat(np.arange(len(self.sizes)), self.sizes)

    def total(self, values: NDArray[Any]) -> Floats:
        """Sum values[hw] over the continuations w of every history h, shape (H,)."""
        # not `reduceat`, which is wrong for histories without continuations
        return np.asarray(np.bincount(self._rows, values, len(self.sizes)), np.float64)

    def spread(self, values: NDArray[Any]) -> NDArray[Any]:
        """Repeat the value of every history for each of its n-grams, shape (E,)."""
        return np.asarray(values[self._rows])

    def interpolate(self, alpha: Floats, gamma: Floats) -> Floats:
        """Return p(w | h) = alpha(hw) + gamma(h) p(w | h') of every n-gram, shape (E,).

        Args:
            alpha: the part of the probability that comes from hw itself, shape (E,).
            gamma: weight of the order below, shape (H,).
        """
        probs = alpha + self.spread(gamma) * self.below
        if self.order == 1:
            probs[[PAD_ID, BOS_ID]] = 0.0  # no types: they are never predicted
        return probs


Estimate = Callable[[HistoryBatch], tuple[Floats, Floats]]
"""Returns p(w | h) of every n-gram, shape (E,), and the back-off weight of every history, shape (H,)."""


@dataclass(frozen=True)
class Rule:
    """How to estimate one order."""

    counts: Integers
    """Counts of its n-grams, or what the smoother uses instead, shape (E of the order,)."""
    estimate: Estimate
    """Turns counts into probabilities, one batch of histories at a time."""
    fitted: Fitted = Fitted()
    """Parameters estimated from the whole order (discounts, weights), for the manifest."""
    warnings: tuple[str, ...] = ()
    """Parameters that could not be estimated, and what is used instead."""


MakeRule = Callable[[int], Rule]
"""Returns the rule of an order."""


def history_batches(trie: Trie, counts: Integers, order: int, below: Floats) -> Iterator[HistoryBatch]:
    """Divide the n-grams of an order into batches of whole histories.

    Args:
        trie: its n-grams.
        counts: counts of the order, shape (E,).
        order: the order.
        below: p(w | h') of every n-gram of the order below, shape (E of order - 1,).
    """
    above, first = trie.nodes(order - 1), trie.firsts[order]
    begins = trie.begins[above.start : above.stop + 1]
    for begin, end in batches(begins, BATCH):
        nodes = slice(int(begins[begin]), int(begins[end]))
        yield HistoryBatch(
            order=order,
            types=trie.types,
            histories=slice(above.start + begin, above.start + end),
            nodes=nodes,
            sizes=np.diff(begins[begin : end + 1]).astype(np.int64),
            counts=counts[nodes.start - first : nodes.stop - first].astype(np.int64, copy=False),
            below=below[trie.suffixes[nodes] - np.uint32(above.start)],
        )


def share(part: NDArray[Any], whole: NDArray[Any], *, default: float = 1.0) -> Floats:
    """Return part / whole, and `default` where whole is 0, as for histories that end with EOS."""
    ratio: Floats = np.divide(part, whole, out=np.full(whole.shape, default), where=whole > 0)
    return ratio
