"""Modified absolute discounting: subtract a constant that depends on whether the count is 1, 2, or 3 or more."""

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
class ModifiedAbsoluteDiscounting(Smoother):
    """Absolute discounting with discounts D1, D2 and D3+ per order.

    p(w | h) = (c(hw) - D(c(hw))) / c(h) + gamma(h) p(w | h'), gamma(h) = sum over w of D(c(hw)) / c(h).

    D is D1, D2 or D3+, by Chen and Goodman's closed form from the n-grams of the order that occur once to four times.
    Every order uses raw counts. So this lies between absolute discounting, which has one discount, and modified
    Kneser-Ney, which counts left neighbours in the shorter orders: it shows what the discounts alone contribute.

    Source: Ney, Essen and Kneser (1994) for absolute discounting; Chen and Goodman (1998), TR-10-98, equation (26) for
    the discounts.
    """

    kind: Literal["modified_absolute_discounting"]

    def fit(self, counts: Counts, held_out: Integers, orders: Collection[int]) -> dict[int, FittedModel]:
        """Fit all orders by the same rule, with three discounts each."""
        return fit_orders(counts, orders, lambda order: discount_rule(counts.of(order), 3, f"order {order}, counts"))
