"""Absolute discounting: subtract the same constant from every count."""

from collections.abc import Collection
from typing import Literal

from pydantic.dataclasses import dataclass

from gradus.ngram.counting.counts import Counts
from gradus.ngram.smoothing.discounts import discount_rule
from gradus.ngram.smoothing.orders import FittedModel, fit_orders
from gradus.ngram.smoothing.smoother import Smoother
from gradus.ngram.trie import Integers
from gradus.params import STRICT


@dataclass(frozen=True, kw_only=True, config=STRICT)
class AbsoluteDiscounting(Smoother):
    """Absolute discounting with one discount per order.

    p(w | h) = max(c(hw) - D, 0) / c(h) + D * t(h) / c(h) * p(w | h')

    D = n_1 / (n_1 + 2 n_2)

    n_j is the number of n-grams of the order that occur j times; t(h) is the number of distinct words seen after h. In
    contrast to Kneser-Ney, the lower orders use the occurrences of n-grams, not continuation counts.

    Source: Ney, Essen and Kneser (1994); Chen and Goodman (1998), TR-10-98, equations (18) to (20).
    """

    kind: Literal["absolute_discounting"]

    def fit(self, counts: Counts, held_out: Integers, orders: Collection[int]) -> dict[int, FittedModel]:
        """Fit every order with one discount."""
        return fit_orders(counts, orders, lambda order: discount_rule(counts.of(order), 1, f"order {order}, counts"))
