"""Katz back-off: discount small counts by Good-Turing, and distribute the freed probability among unseen words."""

from collections.abc import Collection, Mapping
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field
from pydantic.dataclasses import dataclass

from gradus.ngram.counting.counts import Counts
from gradus.ngram.smoothing.estimates import Estimate, Floats, HistoryBatch, Rule, share
from gradus.ngram.smoothing.orders import FittedModel, fit_orders
from gradus.ngram.smoothing.smoother import Smoother
from gradus.ngram.trie import Integers
from gradus.params import STRICT
from gradus.results.details import Fitted


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Katz(Smoother):
    """Katz back-off.

    p(w | h) = d_c * c(hw) / c(h) if hw was seen, else alpha(h) * p(w | h')

    alpha(h) = (1 - sum over seen w of p(w | h)) / (1 - sum over seen w of p(w | h'))

    d_c is the discount of the count c = c(hw). `good_turing` documents the formula.

    This implementation differs from the paper in three cases. If no count after h is discounted, c(h) + 1
    replaces c(h), as in SRILM, so that unseen words have a probability above zero. If every word was seen after h, the
    discounted probabilities are scaled to sum to one. Order 1 is interpolated with 1/V, without back-off.

    Source: Katz (1987), Estimation of probabilities from sparse data; Chen and Goodman (1998), TR-10-98, section 2.4.
    """

    kind: Literal["katz"]
    threshold: Annotated[int, Field(ge=1, le=1000)]
    """Largest count that is discounted. Larger counts are considered reliable."""

    @classmethod
    def published(cls) -> Mapping[str, Mapping[str, Any]]:
        """Return the threshold that Katz used."""
        return {"katz": {"threshold": 5}}

    def fit(self, counts: Counts, held_out: Integers, orders: Collection[int]) -> dict[int, FittedModel]:
        """Fit every order separately, with the Good-Turing discounts of its counts."""

        def rule(order: int) -> Rule:
            discounts, warnings = good_turing(counts.of(order), order, self.threshold)
            return Rule(counts.of(order), _back_off(discounts), Fitted(discounts=list(discounts)), warnings)

        return fit_orders(counts, orders, rule)


def _back_off(discounts: tuple[float, ...]) -> Estimate:
    by_count = np.array([1.0, *discounts, 1.0])  # the last value applies to all counts above the threshold

    def estimate(batch: HistoryBatch) -> tuple[Floats, Floats]:
        d = by_count[np.minimum(batch.counts, len(discounts) + 1)]
        total = batch.total(batch.counts)
        freed = batch.total((1 - d) * batch.counts)
        one_more = freed == 0  # no count was discounted
        left = share(freed + one_more, total + one_more)
        alpha = d * batch.counts / batch.spread(total + one_more)
        if batch.order == 1:
            return batch.interpolate(alpha, left), left
        unseen = 1 - batch.total(batch.below)
        # no unseen word can receive the freed probability
        full = (batch.sizes == batch.types) | (unseen <= 0)
        scaled = np.where(batch.spread(full), alpha / (1 - batch.spread(left)), alpha)
        return scaled, np.where(full, 0.0, share(left, unseen))

    return estimate


def good_turing(counts: Integers, order: int, threshold: int) -> tuple[tuple[float, ...], tuple[str, ...]]:
    """Estimate the discounts d_1 .. d_k of the counts up to the threshold k.

    d_r = (r* / r - m) / (1 - m),  r* = (r + 1) n_(r+1) / n_r,  m = (k + 1) n_(k+1) / n_1

    n_r is the number of n-grams that occur r times. If d_r cannot be computed or is outside (0, 1], the count r is
    not discounted: d_r = 1.

    Args:
        counts: counts of the order's n-grams, shape (E,). Zeros are ignored.
        order: the order, for the warnings.
        threshold: k.
    Returns:
        d_1 .. d_k, and one warning for each discount that could not be estimated.
    Source: Katz (1987). SRILM has the same fallback, d_r = 1.
    """
    n = np.bincount(np.minimum(counts, threshold + 2), minlength=threshold + 3).astype(float)
    if n[1] == 0:
        return (1.0,) * threshold, (f"order {order}: no {order}-gram occurs once (n1 = 0); no count is discounted",)
    excess = (threshold + 1) * n[threshold + 1] / n[1]
    discounts, warnings = [], []
    for r in range(1, threshold + 1):
        missing = next((j for j in (r, r + 1) if n[j] == 0), None)
        # excess = 1 would divide by zero
        d = np.nan if missing or excess == 1 else float(((r + 1) * n[r + 1] / n[r] / r - excess) / (1 - excess))
        if not 0 < d <= 1:
            # the manifest contains these warnings
            reason = f"n{missing} = 0" if missing else f"its discount would be {d:.4g}"
            warnings.append(f"order {order}: the count {r} of {order}-grams is not discounted ({reason})")
        discounts.append(d if 0 < d <= 1 else 1.0)
    return tuple(discounts), tuple(warnings)
