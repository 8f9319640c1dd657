"""Define the interface between smoothers and models: probabilities of seen n-grams, and back-off weights.

    p(w | h) = probs[hw]                  if hw was seen
             = backoff[h] * p(w | h')     otherwise; h' is h without its first word

Interpolated smoothers have this form too: `probs[hw]` then includes `backoff[h] * p(w | h')`. The recursion ends at
order 0, which has probability 1/V for every word. All words are seen at order 1.
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
"""Maximum number of n-grams in a batch. A history with more continuations is a batch alone."""


@dataclass(frozen=True)
class HistoryBatch:
    """Some histories and all their continuations, which are n-grams of one order: the input of `Estimate`."""

    order: int
    """Number of words of an n-gram."""
    types: int
    """Number of types that a model can predict, V."""
    histories: slice
    """Range of the H nodes of the histories."""
    nodes: slice
    """Range of the E nodes of the n-grams, sorted by history."""
    sizes: NDArray[np.int64]
    """Number of continuations of every history, shape (H,)."""
    counts: NDArray[np.int64]
    """Count or continuation count of every n-gram, shape (E,)."""
    below: Floats
    """p(w | h') of every n-gram hw, shape (E,)."""

    @cached_property
    def _rows(self) -> NDArray[np.int64]:
        """Index of every n-gram's history, 0 to H - 1, shape (E,)."""
        return np.repeat(np.arange(len(self.sizes)), self.sizes)

    def total(self, values: NDArray[Any]) -> Floats:
        """Sum `values[hw]` over the continuations w of every history h, shape (H,)."""
        # np.add.reduceat would give wrong sums for histories without continuations
        return np.asarray(np.bincount(self._rows, values, len(self.sizes)), np.float64)

    def spread(self, values: NDArray[Any]) -> NDArray[Any]:
        """For each n-gram, return the value of its history, shape (E,). `values` has one value for each history."""
        return np.asarray(values[self._rows])

    def interpolate(self, alpha: Floats, gamma: Floats) -> Floats:
        """Return the interpolated probability p(w | h) of every n-gram hw, shape (E,).

        p(w | h) = alpha(hw) + gamma(h) * p(w | h')

        Args:
            alpha: discounted relative frequency of every n-gram, shape (E,).
            gamma: weight of the next lower order after every history, shape (H,).
        """
        probs = alpha + self.spread(gamma) * self.below
        if self.order == 1:
            probs[[PAD_ID, BOS_ID]] = 0.0  # a model never predicts these two
        return probs


Estimate = Callable[[HistoryBatch], tuple[Floats, Floats]]
"""Function that returns p(w | h) of every n-gram, shape (E,), and the back-off weight of every history, shape (H,)."""


@dataclass(frozen=True)
class Rule:
    """Counts of one order, and the function that estimates probabilities from them."""

    counts: Integers
    """Count or continuation count of every n-gram of the order, shape (E,)."""
    estimate: Estimate
    """Function that estimates the probabilities of one batch of histories."""
    fitted: Fitted = Fitted()
    """Parameters that were fitted for this order, such as discounts. The manifest contains them."""
    warnings: tuple[str, ...] = ()
    """Warnings about parameters that could not be estimated."""


MakeRule = Callable[[int], Rule]
"""Function that returns the `Rule` of an order: counts, and a function that estimates probabilities from them."""


def history_batches(trie: Trie, counts: Integers, order: int, below: Floats) -> Iterator[HistoryBatch]:
    """Divide the n-grams of an order into batches. N-grams with the same history are in the same batch.

    Args:
        trie: the n-grams of all orders.
        counts: count of every n-gram of the order, shape (E,).
        order: the order, at least 1.
        below: probability of every n-gram of order `order` - 1, shape (number of these n-grams,).
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
    """Divide `part` by `whole`. If `whole` is 0, as for a history that ends with EOS, the result is `default`."""
    ratio: Floats = np.divide(part, whole, out=np.full(whole.shape, default), where=whole > 0)
    return ratio
