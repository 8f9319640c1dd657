"""Fit the weights of a mixture of orders on held-out text by expectation maximisation (EM)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gradus.ngram.smoothing.estimates import Floats, share


@dataclass(frozen=True)
class Buckets:
    """Tokens of a held-out text, divided into buckets by the training count c(h) of their history at one order."""

    bounds: NDArray[np.int64]
    """Smallest c(h) of every bucket except the first, ascending, shape (buckets - 1,)."""
    ratios: Floats
    """c(hw) / c(h) of every token, shape (n_tokens,); 0 after an unseen history."""
    seen: NDArray[np.bool_]
    """Whether the history of each token occurs in the training text, shape (n_tokens,)."""
    bucket: NDArray[np.int64]
    """Index of each token's bucket, shape (n_tokens,)."""


def bucketed(ngrams: NDArray[np.int64], histories: NDArray[np.int64], least: int) -> Buckets:
    """Divide the tokens of a held-out text into buckets by the training count of their history.

    Args:
        ngrams: c(hw) of every token at one order, shape (n_tokens,).
        histories: c(h) of every token, shape (n_tokens,).
        least: minimum number of tokens in a bucket.
    """
    seen = histories > 0
    values, tokens = np.unique(histories[seen], return_counts=True)
    bounds, size = [], 0
    for value, count in zip(values.tolist(), tokens.tolist(), strict=True):
        if size >= least:
            bounds.append(value)
            size = 0
        size += count
    if bounds and size < least:  # too few tokens for another bucket, so the last bucket takes them
        bounds.pop()
    limits = np.array(bounds, dtype=np.int64)
    ratios = share(ngrams, histories, default=0.0)
    return Buckets(limits, ratios, seen, np.searchsorted(limits, histories, side="right"))


def fit_weights(orders: list[Buckets], uniform: float, tolerance: float, iterations: int) -> list[Floats]:
    """Fit the weights lambda of one mixture by expectation maximisation (EM).

    The mixture generates a token as follows. Order n produces the token with probability lambda_n. Otherwise order
    n - 1 produces it with probability lambda_(n-1), and so on. Order 0 produces all remaining tokens. Let ratio_m be
    c(hw) / c(h) at order m. Then the probability of the token at order m is

    p_m = lambda_m * ratio_m + (1 - lambda_m) * p_(m-1)

    The E-step computes the posterior probability that order m produced the token, given that no higher order did:

    posterior_m = lambda_m * ratio_m / p_m

    The M-step computes the new weight of each bucket:

    lambda_m = E_m / (E_m + L_m + 1)

    E_m is the expected number of tokens that order m produced, and L_m is the expected number of tokens that lower
    orders produced. Without the 1 in the denominator, lambda_m could become 1, and unseen words would have probability
    zero after the histories of the bucket.

    Args:
        orders: buckets of the held-out text at orders 1 to n.
        uniform: probability of a word at order 0, 1/V.
        tolerance: EM stops when the largest change of a weight is at most this number.
        iterations: maximum number of iterations.
    Returns:
        One array for each of the orders 1 to n: lambda of every bucket, in [0, 1); 0 for a bucket without tokens.
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
        own_weight = weight[order.bucket] * order.seen
        own_prob = own_weight * order.ratios
        probs = own_prob + (1 - own_weight) * probs
        posteriors.append(own_prob / probs)
    # from the highest order down, because a token reaches order m only if no higher order produced it
    reach = np.ones(len(probs))  # posterior that order m or a lower order produced the token
    updated = []
    for order, posterior in zip(reversed(orders), reversed(posteriors), strict=True):
        here, size = reach * posterior, len(order.bounds) + 1
        reached = np.bincount(order.bucket, weights=reach * order.seen, minlength=size)
        updated.append(np.bincount(order.bucket, weights=here, minlength=size) / (reached + 1))
        reach = reach - here
    return updated[::-1]
