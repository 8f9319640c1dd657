"""Fit the weights of a mixture of orders on held-out text, by expectation maximisation."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gradus.ngram.smoothing.estimates import Floats, share


@dataclass(frozen=True)
class Buckets:
    """The tokens of a held-out text at one order, divided by how often their history occurs in training."""

    bounds: NDArray[np.int64]
    """Least c(h) of every bucket except the first, ascending, shape (buckets - 1,)."""
    ratios: Floats
    """c(hw) / c(h) of every token, 0 after an unseen history, shape (n_tokens,)."""
    seen: NDArray[np.bool_]
    """Whether the history of every token occurs in training, shape (n_tokens,)."""
    of: NDArray[np.int64]
    """The bucket of every token, shape (n_tokens,)."""


def bucketed(ngrams: NDArray[np.int64], histories: NDArray[np.int64], least: int) -> Buckets:
    """Divide the tokens of a text by how often their histories occur in training.

    Args:
        ngrams: c(hw) of every token at one order, shape (n_tokens,).
        histories: c(h) of every token, shape (n_tokens,).
        least: fewest tokens of a bucket; the bucket of the most frequent histories also takes the remaining tokens.
    """
    seen = histories > 0
    values, tokens = np.unique(histories[seen], return_counts=True)
    bounds, size = [], 0
    for value, count in zip(values.tolist(), tokens.tolist(), strict=True):
        if size >= least:
            bounds.append(value)
            size = 0
        size += count
    if bounds and size < least:  # too few tokens are left: they join the last bucket
        bounds.pop()
    limits = np.array(bounds, dtype=np.int64)
    ratios = share(ngrams, histories, default=0.0)
    return Buckets(limits, ratios, seen, np.searchsorted(limits, histories, side="right"))


def fit_weights(orders: list[Buckets], uniform: float, tolerance: float, iterations: int) -> list[Floats]:
    """Fit the weights of one mixture.

    E-step: the posterior that a token came from order m, given that no longer order produced it, is
    lambda_m ratio_m / p_m, where p_m = lambda_m ratio_m + (1 - lambda_m) p_(m-1) and lambda_m is 0 for unseen
    histories. M-step: among the tokens of a bucket that came from order m or a shorter one, plus one token that no
    order produced, lambda_m is the share of order m. The added token keeps lambda_m below 1, so that unseen words
    have a probability even if the held-out text has none after such histories.

    Args:
        orders: tokens of the held-out text at orders 1 to n.
        uniform: p of order 0, 1/V.
        tolerance: stop when no weight changes by more.
        iterations: most iterations.
    Returns:
        lambda of every bucket of orders 1 to n, each in [0, 1); 0 for a bucket without tokens.
    """
    weights = [np.full(len(order.bounds) + 1, 0.5) for order in orders]
    for _ in range(iterations):
        before, weights = weights, _iterate(orders, uniform, weights)
        if max(float(np.abs(new - old).max()) for new, old in zip(weights, before, strict=True)) <= tolerance:
            break
    return weights


def _iterate(orders: list[Buckets], uniform: float, weights: list[Floats]) -> list[Floats]:
    posteriors, probs = [], np.full(len(orders[0].seen), uniform)  # lambda_m ratio_m / p_m of every token
    for order, weight in zip(orders, weights, strict=True):
        own_weight = weight[order.of] * order.seen
        own_prob = own_weight * order.ratios
        probs = own_prob + (1 - own_weight) * probs
        posteriors.append(own_prob / probs)
    # from the longest order down: a token reaches order m if no longer order produced it
    reach = np.ones(len(probs))  # posterior that the token came from order m or a shorter one
    updated = []
    for order, posterior in zip(reversed(orders), reversed(posteriors), strict=True):
        here, size = reach * posterior, len(order.bounds) + 1
        reached = np.bincount(order.of, weights=reach * order.seen, minlength=size)
        updated.append(np.bincount(order.of, weights=here, minlength=size) / (reached + 1))
        reach = reach - here
    return updated[::-1]
