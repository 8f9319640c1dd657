"""Maximum likelihood: relative frequencies without smoothing."""

from collections.abc import Collection
from typing import Literal

import numpy as np
from pydantic.dataclasses import dataclass

from gradus.ngram.counting.counts import Counts
from gradus.ngram.smoothing.estimates import Floats, HistoryBatch, MakeRule, Rule
from gradus.ngram.smoothing.orders import FittedModel, fit_orders
from gradus.ngram.smoothing.smoother import Smoother
from gradus.ngram.trie import Integers
from gradus.params import STRICT


@dataclass(frozen=True, kw_only=True, config=STRICT)
class MaximumLikelihood(Smoother):
    """Maximum likelihood estimation.

    p(w | h) = c(hw) / c(h)

    The probability is zero for unseen n-grams, and undefined after an unseen history.
    """

    kind: Literal["mle"]

    @property
    def unseen_weight(self) -> float:
        """Return weight 0, so that every word has probability zero after an unseen history."""
        return 0.0

    def fit(self, counts: Counts, held_out: Integers, orders: Collection[int]) -> dict[int, FittedModel]:
        """Fit every order with relative frequencies and back-off weight 0."""
        return fit_orders(counts, orders, frequency_rule(counts, 0.0))


def relative_frequencies(batch: HistoryBatch) -> Floats:
    """Return c(hw) / c(h) of every n-gram hw, float64, shape (E,); c(h) = sum over w of c(hw)."""
    frequencies: Floats = batch.counts / batch.spread(batch.total(batch.counts))
    return frequencies


def frequency_rule(counts: Counts, weight: float) -> MakeRule:
    """Return a function that makes the `Rule` of an order.

    The rule has relative frequencies, and the back-off weight `weight` for all histories.
    """

    def estimate(batch: HistoryBatch) -> tuple[Floats, Floats]:
        return relative_frequencies(batch), np.full(len(batch.sizes), weight)

    return lambda order: Rule(counts.of(order), estimate)
