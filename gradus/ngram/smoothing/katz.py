"""Katz back-off: Good-Turing discounts for small counts, and what they free for unseen words."""

from collections.abc import Collection
from typing import Annotated, Literal

import numpy as np
from pydantic import Field
from pydantic.dataclasses import dataclass

from gradus.ngram.counting.counts import Counts
from gradus.ngram.smoothing.estimates import Estimate, Fitted, Floats, Part, Rule, fit_orders, share
from gradus.ngram.trie import Integers
from gradus.params import STRICT


@dataclass(frozen=True, kw_only=True, config=STRICT)
class KatzConfig:
    """Katz back-off."""

    kind: Literal["katz"]
    threshold: Annotated[int, Field(ge=1, le=1000)]
    """Counts above it are reliable and not discounted."""


def fit_katz(counts: Counts, orders: Collection[int], threshold: int) -> dict[int, Fitted]:
    """Fit p(w | h) = d_c c(hw) / c(h) where hw was seen, and alpha(h) p(w | h') elsewhere.

    alpha(h) = (1 - sum over seen w of p(w | h)) / (1 - sum over seen w of p(w | h'))

    Departures: where no count after h is discounted, the denominator is c(h) + 1, so that something is left for
    unseen words (SRILM); where every type was seen after h, the discounted probabilities are scaled to sum to
    one; order 1 is interpolated with 1/V instead of backing off to it.

    Source: Katz (1987), Estimation of probabilities from sparse data; Chen and Goodman (1998), TR-10-98, section
    2.4.
    """

    def rule(order: int) -> Rule:
        discounts, warnings = good_turing(counts.of(order), order, threshold)
        return Rule(counts.of(order), _back_off(discounts), {"discounts": list(discounts)}, warnings)

    return fit_orders(counts, orders, rule)


def _back_off(discounts: tuple[float, ...]) -> Estimate:
    by_count = np.array([1.0, *discounts, 1.0])

    def estimate(part: Part) -> tuple[Floats, Floats]:
        d = by_count[np.minimum(part.counts, len(discounts) + 1)]
        total = part.total(part.counts)
        freed = part.total((1 - d) * part.counts)
        one_more = freed == 0  # nothing was discounted
        left = share(freed + one_more, total + one_more)
        alpha = d * part.counts / part.spread(total + one_more)
        if part.order == 1:
            return part.interpolate(alpha, left), left
        unseen = 1 - part.total(part.below)
        full = (part.sizes == part.types) | (unseen <= 0)
        scaled = np.where(part.spread(full), alpha / (1 - part.spread(left)), alpha)
        return scaled, np.where(full, 0.0, share(left, unseen))

    return estimate


def good_turing(counts: Integers, order: int, threshold: int) -> tuple[tuple[float, ...], tuple[str, ...]]:
    """Estimate the discounts d_1 .. d_k of the counts up to the threshold k.

    d_r = (r* / r - m) / (1 - m),  r* = (r + 1) n_(r+1) / n_r,  m = (k + 1) n_(k+1) / n_1

    n_r is the number of n-grams that occur r times. Where a d_r cannot be computed or is outside (0, 1], the
    count r is not discounted: d_r = 1.

    Args:
        counts: of the order's n-grams, zeros ignored, shape (E,).
        order: named in the warnings.
        threshold: k.
    Returns:
        d_1 .. d_k, and a warning for each that could not be estimated.
    Source: Katz (1987); doing without a discount is SRILM's.
    """
    n = np.bincount(np.minimum(counts, threshold + 2), minlength=threshold + 3).astype(float)
    if n[1] == 0:
        return (1.0,) * threshold, (f"order {order}: no {order}-gram occurs once (n1 = 0); no count is discounted",)
    excess = (threshold + 1) * n[threshold + 1] / n[1]
    discounts, warnings = [], []
    for r in range(1, threshold + 1):
        missing = next((j for j in (r, r + 1) if n[j] == 0), None)
        d = np.nan if missing or excess == 1 else float(((r + 1) * n[r + 1] / n[r] / r - excess) / (1 - excess))
        if not 0 < d <= 1:
            reason = f"n{missing} = 0" if missing else f"its discount would be {d:.4g}"
            warnings.append(f"order {order}: the count {r} of {order}-grams is not discounted ({reason})")
        discounts.append(d if 0 < d <= 1 else 1.0)
    return tuple(discounts), tuple(warnings)
