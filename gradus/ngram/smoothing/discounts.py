"""Absolute discounts: subtract a constant from every count, and give it to the order below."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gradus.ngram.smoothing.estimates import Estimate, Floats, HistoryBatch, Rule, share
from gradus.ngram.trie import Integers
from gradus.results.details import Fitted

FALLBACK = {1: (0.5,), 3: (0.5, 1.0, 1.5)}
"""Discounts, by their number, where none can be estimated: the values of KenLM's `--discount_fallback`."""


class Recount(NamedTuple):
    """One n-gram whose count is replaced where n-grams of each count are counted."""

    own: int
    """Its count in the order."""
    used: int
    """The count under which it is counted instead."""


def discount_rule(
    counts: Integers,
    n_discounts: int,
    label: str,
    rare: NDArray[np.bool_] | None = None,
    recount: Recount | None = None,
) -> Rule:
    """Return the rule that subtracts discounts from the counts of an order.

    p(w | h) = (a(hw) - D(a(hw))) / a(h) + gamma(h) p(w | h'),  gamma(h) = sum over w of D(a(hw)) / a(h)

    a(h) = sum over w of a(hw). Order 1 is interpolated with 1/V, as in KenLM's lmplz. The discount of a rare n-gram
    is its whole count, so that p(w | h) = gamma(h) p(w | h') for it, and the model need not store it.

    Args:
        counts: a of every n-gram of the order, shape (E,).
        n_discounts: 1, or 3 for D1, D2 and D3+.
        label: the order and the kind of its counts, for the warning.
        rare: whether each node is rare, shape (nodes,); None if no node is.
        recount: as for `estimate_discounts`.
    """
    discounts, problem = estimate_discounts(counts, n_discounts, recount)
    warning = f"{label}: {problem}; discounts {discounts} are used instead"
    return Rule(counts, _subtract(discounts, rare), Fitted(discounts=list(discounts)), (warning,) if problem else ())


def _subtract(discounts: tuple[float, ...], rare: NDArray[np.bool_] | None) -> Estimate:
    by_count = np.array([0.0, *discounts])

    def estimate(batch: HistoryBatch) -> tuple[Floats, Floats]:
        discount = by_count.take(batch.counts, mode="clip")  # D(a(hw)); the last one for all greater counts
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

    n_j is the number of n-grams whose count is j. A single discount is D_1 = Y. All discounts of the order are
    `FALLBACK` if one is negative, or if n_1, n_2 or (with three discounts) n_3 is zero. n_2 = 0 must fall back too:
    it makes Y = 1, which would subtract everything from n-grams that occur once.

    Args:
        counts: counts of the order's n-grams, zeros ignored, shape (E,).
        n_discounts: 1 or 3; the last one holds for all greater counts.
        recount: an n-gram that enters n_j with another count; None to count all n-grams as they are.
    Returns:
        The discounts, and the reason if they are the fallback.
    Source: Chen and Goodman (1998), TR-10-98, equation (26); the fallback and its conditions are KenLM's.
    """
    n = [int(np.count_nonzero(counts == j)) for j in range(5)]
    if recount:
        n = [size - (recount.own == j) + (recount.used == j) for j, size in enumerate(n)]
    for j in range(1, max(n_discounts, 2) + 1):
        if n[j] == 0:  # the manifest contains these texts
            return FALLBACK[n_discounts], f"none is {j} (n{j} = 0)"
    # one quotient of integers, so that rounding cannot make a discount of zero negative
    discounts = [j - (j + 1) * n[1] * n[j + 1] / ((n[1] + 2 * n[2]) * n[j]) for j in range(1, n_discounts + 1)]
    for j, discount in enumerate(discounts, 1):
        if discount < 0:
            return FALLBACK[n_discounts], f"D{j} = {discount:.4g} is negative"
    return tuple(discounts), None
