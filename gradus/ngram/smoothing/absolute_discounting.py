"""Absolute discounting: the same little is taken from every count, whatever its size."""

from collections.abc import Collection
from typing import Literal

from pydantic.dataclasses import dataclass

from gradus.ngram.counting.counts import Counts
from gradus.ngram.smoothing.discounts import discounted
from gradus.ngram.smoothing.estimates import Fitted, fit_orders
from gradus.params import STRICT


@dataclass(frozen=True, kw_only=True, config=STRICT)
class AbsoluteDiscountingConfig:
    """Absolute discounting has no parameters."""

    kind: Literal["absolute_discounting"]


def fit_absolute_discounting(counts: Counts, orders: Collection[int]) -> dict[int, Fitted]:
    """Fit p(w | h) = max(c(hw) - D, 0) / c(h) + D t(h) / c(h) p(w | h'), D = n_1 / (n_1 + 2 n_2) of the order.

    t(h) is the number of types seen after h. Kneser-Ney differs in the shorter orders, which count neighbours there
    and occurrences here.

    Source: Ney, Essen and Kneser (1994); Chen and Goodman (1998), TR-10-98, equations (18) to (20).
    """
    return fit_orders(counts, orders, lambda order: discounted(counts.of(order), 1, f"order {order}, counts"))
