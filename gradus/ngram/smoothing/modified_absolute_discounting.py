"""Modified absolute discounting: subtract D1 from a count of 1, D2 from a count of 2, and D3+ from larger counts."""

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

    p(w | h) = (c(hw) - D(c(hw))) / c(h) + gamma(h) * p(w | h')

    gamma(h) = sum over w of D(c(hw)) / c(h)

    D is D1 for count 1, D2 for count 2, and D3+ for larger counts. Chen and Goodman's closed form computes these
    discounts from the numbers of n-grams that occur once, twice, three times and four times. In every order, c(hw) is
    the number of occurrences of hw. A comparison of this smoother with absolute discounting shows the effect of three
    discounts instead of one; a comparison with modified Kneser-Ney shows the effect of continuation counts.

    Source: Ney, Essen and Kneser (1994) for absolute discounting; Chen and Goodman (1998), TR-10-98, equation (26) for
    the discounts.
    """

    kind: Literal["modified_absolute_discounting"]

    def fit(self, counts: Counts, held_out: Integers, orders: Collection[int]) -> dict[int, FittedModel]:
        """Fit every order with three discounts."""
        return fit_orders(counts, orders, lambda order: discount_rule(counts.of(order), 3, f"order {order}, counts"))
