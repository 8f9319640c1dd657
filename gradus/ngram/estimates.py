"""The one form of every smoother here: probabilities of the n-grams seen, and weights for all others.

    p(w | h) = probs[hw]                 where hw was seen
             = weights[h] p(w | h')      where it was not; h' is h without its first word

Interpolation fits the form too, for its share of p(w | h') can be added to every n-gram seen. The recursion ends
in order 0, whose only entry, the empty n-gram, has p = 1/V; order 1 has an entry for every type.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from gradus.ngram.counts import CountLevel, Counts
from gradus.ngram.lookup import Integers
from gradus.text.special import BOS_ID, PAD_ID

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Estimate:
    """One order of a model.

    Attributes:
        probs: p(w | h) of every n-gram, float64, shape (E,).
        weights: share of every history that goes to p(w | h') of unseen w, float64, shape (n_histories,).
        fitted: what was estimated on the way (discounts, weights), for the manifest.
        warnings: what could not be estimated, and what was done instead.
    """

    probs: Floats
    weights: Floats
    fitted: dict[str, list[float]] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Level:
    """One order of a model as it is stored and scored: natural logarithms, float32; fields as in `Estimate`."""

    log_probs: NDArray[np.float32]
    log_weights: NDArray[np.float32]
    fitted: dict[str, list[float]] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


Estimator = Callable[[CountLevel, Floats], Estimate]
"""Estimates an order from its counts and the probabilities of the order below, float64, shape (n_histories,)."""


def fit_orders(counts: Counts, top: Estimator, lower: Estimator | None = None) -> list[tuple[Level, ...]]:
    """Fit a model of every order from 1 to N.

    Args:
        counts: of orders 1 to N.
        top: estimates an order as the longest of its model.
        lower: estimates an order as one of the shorter ones of a model; None if that is the same.
    Returns:
        For every order n the levels 1 to n of its model; models share the levels that they have in common.
    """
    models: list[tuple[Level, ...]] = []
    shorter: tuple[Level, ...] = ()
    below = uniform(counts)
    for level in counts.levels:
        estimate = top(level, below)
        models.append((*shorter, to_level(estimate)))
        if level.order == counts.order:
            break
        if lower is None:
            shorter, below = models[-1], estimate.probs
        else:
            estimate = lower(level, below)
            shorter, below = (*shorter, to_level(estimate)), estimate.probs
    return models


def uniform(counts: Counts) -> Floats:
    """Return the probabilities of order 0: 1/V, shape (1,)."""
    return np.full(1, 1 / counts.types)


def to_level(estimate: Estimate) -> Level:
    """Take logarithms; ln 0 is -inf."""
    with np.errstate(divide="ignore"):
        return Level(
            np.log(estimate.probs).astype(np.float32),
            np.log(estimate.weights).astype(np.float32),
            estimate.fitted,
            estimate.warnings,
        )


def by_history(level: CountLevel, values: NDArray[np.float64] | Integers) -> Floats:
    """Sum over the continuations of every history: sum over w of values[hw], float64, shape (n_histories,)."""
    sums = np.bincount(level.histories(), weights=values, minlength=level.n_histories)
    return np.asarray(sums, dtype=np.float64)


def share(part: Floats, whole: Floats, *, empty: float = 1.0) -> Floats:
    """Return part / whole per history, and `empty` for those that nothing follows (they end with EOS)."""
    return np.divide(part, whole, out=np.full_like(whole, empty), where=whole > 0)


def interpolate(level: CountLevel, alpha: Floats, gamma: Floats, below: Floats) -> Floats:
    """Return p(w | h) = alpha(hw) + gamma(h) p(w | h') of every n-gram, float64, shape (E,).

    Args:
        level: the n-grams.
        alpha: what is known of hw itself, shape (E,).
        gamma: share of the order below, shape (n_histories,).
        below: p(w | h') of every entry one order below, shape (n_histories,).
    """
    probs = alpha + gamma[level.histories()] * below[level.suffixes]
    if level.order == 1:
        probs[[PAD_ID, BOS_ID]] = 0.0  # no types: never predicted
    return probs
