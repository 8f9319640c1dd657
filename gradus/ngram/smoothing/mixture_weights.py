"""Fit the weights of a mixture on held-out text by expectation maximisation (EM).

Jelinek-Mercer smoothing mixes the orders of one n-gram model; interpolation mixes whole models.
"""

from collections.abc import Sequence
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


def one_bucket(probs: Floats) -> Buckets:
    """Return the tokens of a model whose weight is the same after every history.

    Args:
        probs: probability of every token under the model, shape (n_tokens,).
    """
    every = np.ones(len(probs), dtype=np.bool_)
    return Buckets(np.zeros(0, dtype=np.int64), probs, every, np.zeros(len(probs), dtype=np.int64))


@dataclass(frozen=True)
class Stop:
    """When EM stops."""

    tolerance: float
    """Largest change of a weight in the last iteration."""
    iterations: int
    """Maximum number of iterations."""


def fit_weights(orders: Sequence[Buckets], lowest: float | Floats, stop: Stop, *, added: float) -> list[Floats]:
    """Fit the weights lambda of one mixture by expectation maximisation (EM).

    The mixture generates a token as follows. Order n produces the token with probability lambda_n. Otherwise order
    n - 1 produces it with probability lambda_(n-1), and so on. Order 0 produces all remaining tokens. Let ratio_m be
    c(hw) / c(h) at order m. Then the probability of the token at order m is

    p_m = lambda_m * ratio_m + (1 - lambda_m) * p_(m-1)

    The E-step computes the posterior probability that order m produced the token, given that no higher order did:

    posterior_m = lambda_m * ratio_m / p_m

    The M-step computes the new weight of each bucket:

    lambda_m = E_m / (E_m + L_m + added)

    E_m is the expected number of tokens that order m produced, and L_m is the expected number of tokens that lower
    orders produced. With `added` = 0, lambda_m can become 1.

    Any models can take the places of the orders; `ratios` are then their probabilities of the tokens.

    Args:
        orders: buckets of the held-out text at orders 1 to n.
        lowest: probability of a token at order 0, such as 1/V; one number, or one per token. At every token, the
            probability must be above zero at order 0 or at another order.
        stop: when EM stops.
        added: number of tokens that are added to L_m.
    Returns:
        One array for each of the orders 1 to n: lambda of every bucket, in [0, 1]; 0 for a bucket without tokens.
    """
    weights = [np.full(len(order.bounds) + 1, 0.5) for order in orders]
    for _ in range(stop.iterations):
        before, weights = weights, _iterate(orders, lowest, weights, added)
        if max(float(np.abs(new - old).max()) for new, old in zip(weights, before, strict=True)) <= stop.tolerance:
            break
    return weights


def _iterate(orders: Sequence[Buckets], lowest: float | Floats, weights: list[Floats], added: float) -> list[Floats]:
    posteriors, probs = [], np.full(len(orders[0].seen), lowest)  # lambda_m ratio_m / p_m of every token
    for order, weight in zip(orders, weights, strict=True):
        own_weight = weight[order.bucket] * order.seen
        own_prob = own_weight * order.ratios
        probs = own_prob + (1 - own_weight) * probs
        # a token that is impossible at this order and below comes from a higher order, so its posterior has no effect
        posteriors.append(np.divide(own_prob, probs, out=np.zeros(len(probs)), where=probs > 0))
    # from the highest order down, because a token reaches order m only if no higher order produced it
    reach = np.ones(len(probs))  # posterior that order m or a lower order produced the token
    updated = []
    for order, posterior in zip(reversed(orders), reversed(posteriors), strict=True):
        here, size = reach * posterior, len(order.bounds) + 1
        produced = np.bincount(order.bucket, weights=here, minlength=size)
        reached = np.bincount(order.bucket, weights=reach * order.seen, minlength=size) + added
        updated.append(np.divide(produced, reached, out=np.zeros(size), where=reached > 0))
        reach = reach - here
    return updated[::-1]
