"""Absolute discounts: what is taken from every count, by how large it is, and given to the order below."""

import numpy as np
from numpy.typing import NDArray

from gradus.ngram.smoothing.estimates import Estimate, Floats, Part, Rule, share
from gradus.ngram.trie import Integers

FALLBACK = {1: (0.5,), 3: (0.5, 1.0, 1.5)}
"""Discounts where the counts of counts give none, by number of discounts; KenLM's `--discount_fallback`."""


def discounted(
    counts: Integers,
    n_discounts: int,
    called: str,
    rare: NDArray[np.bool_] | None = None,
    moved: tuple[int, int] = (0, 0),
) -> Rule:
    """Estimate p(w | h) = (a(hw) - D(a(hw))) / a(h) + gamma(h) p(w | h'), gamma(h) = sum over w of D(a(hw)) / a(h).

    a(h) = sum over w of a(hw); order 1 is interpolated with 1/V, as in KenLM's lmplz. From a rare n-gram everything
    is taken, so that p(w | h) = gamma(h) p(w | h') of it, and the model can do without.

    Args:
        counts: a of every n-gram of the order, shape (E,).
        n_discounts: 1, or 3 for D1, D2 and D3+.
        called: the order and what it counts, for the warning.
        rare: of every node, shape (nodes,); None if no n-gram is.
        moved: as of `discounts_of`.
    """
    discounts, problem = discounts_of(counts, n_discounts, moved)
    warning = f"{called}: {problem}; discounts {discounts} are used instead"
    return Rule(counts, _subtract(discounts, rare), {"discounts": list(discounts)}, (warning,) if problem else ())


def _subtract(discounts: tuple[float, ...], rare: NDArray[np.bool_] | None) -> Estimate:
    by_count = np.array([0.0, *discounts])

    def estimate(part: Part) -> tuple[Floats, Floats]:
        taken = by_count.take(part.counts, mode="clip")  # D(a(hw)), the last for all greater counts
        if rare is not None:
            taken = np.where(rare[part.nodes], part.counts, taken)
        total = part.total(part.counts)  # a(h)
        gamma = share(part.total(taken), total)
        return part.interpolate((part.counts - taken) / part.spread(total), gamma), gamma

    return estimate


def discounts_of(
    counts: Integers, n_discounts: int, moved: tuple[int, int] = (0, 0)
) -> tuple[tuple[float, ...], str | None]:
    """Estimate the discounts of one order, D_j = j - (j + 1) Y n_(j+1) / n_j with Y = n_1 / (n_1 + 2 n_2).

    n_j is the number of n-grams whose count is j. One discount is D_1 = Y. All discounts of the order are `FALLBACK`
    where one is negative, or where n_1, n_2 or (of three) n_3 is zero; for n_2 = 0 makes Y = 1, which takes
    everything from what occurs once.

    Args:
        counts: of the order's n-grams, zeros ignored, shape (E,).
        n_discounts: 1 or 3; the last one holds for all greater counts.
        moved: an n-gram of the first count is taken for one of the second here.
    Returns:
        The discounts, and what was wrong where they could not be estimated.
    Source: Chen and Goodman (1998), TR-10-98, equation (26); when and where to fall back is KenLM's.
    """
    n = [int(np.count_nonzero(counts == j)) - (moved[0] == j) + (moved[1] == j) for j in range(5)]
    for j in range(1, max(n_discounts, 2) + 1):
        if n[j] == 0:
            return FALLBACK[n_discounts], f"none is {j} (n{j} = 0)"
    # one quotient of integers, so that no rounding makes a discount of zero negative
    discounts = [j - (j + 1) * n[1] * n[j + 1] / ((n[1] + 2 * n[2]) * n[j]) for j in range(1, n_discounts + 1)]
    for j, discount in enumerate(discounts, 1):
        if discount < 0:
            return FALLBACK[n_discounts], f"D{j} = {discount:.4g} is negative"
    return tuple(discounts), None
