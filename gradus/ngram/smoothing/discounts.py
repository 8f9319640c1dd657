"""Estimate absolute discounts, and subtract them from the counts of an order."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gradus.ngram.smoothing.estimates import Estimate, Floats, HistoryBatch, Rule, share
from gradus.ngram.trie import Integers
from gradus.results.details import Fitted

FALLBACK = {1: (0.5,), 3: (0.5, 1.0, 1.5)}
"""Dict from the number of discounts to the discounts that are used if the estimate fails.

The values are those of KenLM's `--discount_fallback`.
"""


class Recount(NamedTuple):
    """Two counts of one n-gram: one to compute n_j, the number of n-grams with count j; one for all other formulas."""

    own: int
    """Count of the n-gram in all formulas except the computation of n_j."""
    used: int
    """Count of the n-gram in the computation of n_j."""


def discount_rule(
    counts: Integers,
    n_discounts: int,
    label: str,
    rare: NDArray[np.bool_] | None = None,
    recount: Recount | None = None,
) -> Rule:
    """Return the rule that subtracts discounts from the counts of an order.

    p(w | h) = (a(hw) - D(a(hw))) / a(h) + gamma(h) * p(w | h')

    gamma(h) = sum over w of D(a(hw)) / a(h)

    a(hw) is the count of an n-gram, D(a(hw)) is the discount for this count, and a(h) = sum over w of a(hw). Order 1 is
    interpolated with 1/V, as in KenLM's lmplz. The discount of a rare n-gram is its whole count, so only the second
    term of p(w | h) remains, and the model does not need to store the n-gram.

    Args:
        counts: a(hw) of every n-gram of the order, shape (E,).
        n_discounts: 1 for a single discount, or 3 for D1, D2 and D3+.
        label: order and kind of the counts, for warnings.
        rare: whether each node is rare, shape (nodes,); None if no node is rare.
        recount: replaces the count of one n-gram in the estimate of the discounts; None to replace no count.
    """
    discounts, problem = estimate_discounts(counts, n_discounts, recount)
    warning = f"{label}: {problem}; discounts {discounts} are used instead"
    return Rule(counts, _subtract(discounts, rare), Fitted(discounts=list(discounts)), (warning,) if problem else ())


def _subtract(discounts: tuple[float, ...], rare: NDArray[np.bool_] | None) -> Estimate:
    by_count = np.array([0.0, *discounts])

    def estimate(batch: HistoryBatch) -> tuple[Floats, Floats]:
        # D(a(hw)); "clip" selects the last discount for all larger counts
        discount = by_count.take(batch.counts, mode="clip")
        if rare is not None:
            discount = np.where(rare[batch.nodes], batch.counts, discount)
        total = batch.total(batch.counts)  # a(h)
        gamma = share(batch.total(discount), total)
        return batch.interpolate((batch.counts - discount) / batch.spread(total), gamma), gamma

    return estimate


def estimate_discounts(
    counts: Integers, n_discounts: int, recount: Recount | None = None
) -> tuple[tuple[float, ...], str | None]:
    """Estimate the discounts of one order.

    D_j = j - (j + 1) Y n_(j+1) / n_j,  Y = n_1 / (n_1 + 2 n_2)

    n_j is the number of n-grams with count j. A single discount is D_1 = Y. The function returns `FALLBACK` if a
    discount is negative, if n_1 or n_2 is zero, or if three discounts are needed and n_3 is zero. n_2 = 0 would give
    Y = 1, so that n-grams with count 1 would lose their whole count.

    Args:
        counts: counts of the order's n-grams, shape (E,). Zeros are ignored.
        n_discounts: 1 or 3. The last discount applies to all larger counts.
        recount: replaces the count of one n-gram in the estimate of the discounts; None to replace no count.
    Returns:
        The discounts, and the reason for the fallback, which is None if the estimate succeeded.
    Source: Chen and Goodman (1998), TR-10-98, equation (26). KenLM has the same fallback and the same conditions.
    """
    n = [int(np.count_nonzero(counts == j)) for j in range(5)]
    if recount:
        n = [size - (recount.own == j) + (recount.used == j) for j, size in enumerate(n)]
    for j in range(1, max(n_discounts, 2) + 1):
        if n[j] == 0:  # the manifest contains these texts
            return FALLBACK[n_discounts], f"no n-gram has count exactly {j} (n{j} = 0)"
    # a single division of integers, because rounding of two divisions could turn a zero discount negative
    discounts = [j - (j + 1) * n[1] * n[j + 1] / ((n[1] + 2 * n[2]) * n[j]) for j in range(1, n_discounts + 1)]
    for j, discount in enumerate(discounts, 1):
        if discount < 0:
            return FALLBACK[n_discounts], f"D{j} = {discount:.4g} is negative"
    return tuple(discounts), None
