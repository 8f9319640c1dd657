"""Interpolated Kneser-Ney smoothing, with one discount or three."""

from typing import Literal

import numpy as np
from pydantic.dataclasses import dataclass

from gradus.ngram.counts import CountLevel, Counts
from gradus.ngram.estimates import Estimate, Floats, Level, by_history, fit_orders, interpolate, share
from gradus.ngram.lookup import Integers
from gradus.params import STRICT

FALLBACK = {1: (0.5,), 3: (0.5, 1.0, 1.5)}
"""Discounts where the counts of counts give none, by number of discounts; KenLM's `--discount_fallback`."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class KneserNeyConfig:
    """Kneser-Ney with one discount per order; it has no parameters."""

    kind: Literal["kneser_ney"]


@dataclass(frozen=True, kw_only=True, config=STRICT)
class ModifiedKneserNeyConfig:
    """Kneser-Ney with discounts D1, D2 and D3+ per order; it has no parameters."""

    kind: Literal["modified_kneser_ney"]


def fit_kneser_ney(counts: Counts, n_discounts: Literal[1, 3]) -> list[tuple[Level, ...]]:
    """Fit p(w | h) = (a(hw) - D(a(hw))) / a(h) + gamma(h) p(w | h'), gamma(h) = sum over w of D(a(hw)) / a(h).

    a is the count c in the longest order of a model and the continuation count in the shorter ones,
    a(h) = sum over w of a(hw); order 1 is interpolated with 1/V, as in KenLM's lmplz.

    Args:
        counts: of orders 1 to N.
        n_discounts: 1 for Kneser and Ney's single discount, 3 for D1, D2 and D3+ of the modified form.
    Source: Kneser and Ney (1995); Chen and Goodman (1998), TR-10-98, sections 2.7 and 3.
    """

    def top(level: CountLevel, below: Floats) -> Estimate:
        return _estimate(level, below, level.counts, n_discounts, "count")

    def lower(level: CountLevel, below: Floats) -> Estimate:
        continuations = continuation_counts(level, counts.levels[level.order])
        return _estimate(level, below, continuations, n_discounts, "continuation count")

    return fit_orders(counts, top, lower)


def continuation_counts(level: CountLevel, above: CountLevel) -> Integers:
    """Return in how many n-grams of the order above each one is the suffix: N1+(. hw), shape (E,).

    Nothing stands before BOS, so an n-gram that begins with it keeps its raw count.
    """
    continuations = np.bincount(above.suffixes, minlength=len(level.keys))
    return np.where(continuations > 0, continuations, level.counts)


def _estimate(level: CountLevel, below: Floats, counts: Integers, n_discounts: int, called: str) -> Estimate:
    discounts, problem = discounts_of(counts, n_discounts)
    taken = np.array([0.0, *discounts])[np.minimum(counts, n_discounts)]  # D(a(hw))
    total = by_history(level, counts)  # a(h)
    gamma = share(by_history(level, taken), total)
    alpha = (counts - taken) / total[level.histories()]
    probs = interpolate(level, alpha, gamma, below)
    warning = f"order {level.order}, {called}s: {problem}; discounts {discounts} are used instead"
    return Estimate(probs, gamma, {"discounts": list(discounts)}, (warning,) if problem else ())


def discounts_of(counts: Integers, n_discounts: int) -> tuple[tuple[float, ...], str | None]:
    """Estimate the discounts of one order, D_j = j - (j + 1) Y n_(j+1) / n_j with Y = n_1 / (n_1 + 2 n_2).

    n_j is the number of n-grams whose count is j. One discount is D_1 = Y. Where n_j is zero or D_j is outside
    [0, j], all discounts of the order are `FALLBACK`.

    Args:
        counts: of the order's n-grams, zeros ignored, shape (E,).
        n_discounts: 1 or 3; the last one holds for all greater counts.
    Returns:
        The discounts, and what was wrong where they could not be estimated.
    Source: Chen and Goodman (1998), TR-10-98, equation (26); falling back is KenLM's.
    """
    n = np.bincount(np.minimum(counts, 5), minlength=6).astype(float)
    for j in range(1, max(n_discounts, 2) + 1):  # one discount needs n_1 and n_2
        if n[j] == 0:
            return FALLBACK[n_discounts], f"none is {j} (n{j} = 0)"
    y = n[1] / (n[1] + 2 * n[2])
    discounts = tuple(float(j - (j + 1) * y * n[j + 1] / n[j]) for j in range(1, n_discounts + 1))
    for j, discount in enumerate(discounts, 1):
        if not 0 <= discount <= j:
            return FALLBACK[n_discounts], f"D{j} = {discount:.4g} is outside [0, {j}]"
    return discounts, None
