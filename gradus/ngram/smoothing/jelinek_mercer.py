"""Jelinek-Mercer smoothing: a mixture of all orders, its weights fitted on text that was not counted."""

from collections.abc import Collection
from dataclasses import dataclass as plain_dataclass
from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from pydantic.dataclasses import dataclass

from gradus.ngram.counting.counts import Counts
from gradus.ngram.smoothing.estimates import Fitted, Floats, MakeRule, Part, Rule, fit_orders, share
from gradus.ngram.smoothing.held_out import HeldOut
from gradus.ngram.smoothing.maximum_likelihood import relative_frequencies
from gradus.ngram.trie import Integers
from gradus.params import STRICT


@dataclass(frozen=True, kw_only=True, config=STRICT)
class JelinekMercerConfig:
    """Jelinek-Mercer smoothing; the weights themselves are fitted."""

    kind: Literal["jelinek_mercer"]
    bucket_tokens: Annotated[int, Field(ge=1, le=10**9)]
    """Validation tokens that share a weight, at least: their histories occur about equally often in training."""
    tolerance: Annotated[float, Field(gt=0, le=1)]
    """EM ends when no weight moves by more."""
    iterations: Annotated[int, Field(ge=1, le=10**6)]
    """EM ends after as many at the latest."""


@plain_dataclass(frozen=True)
class Buckets:
    """The histories of one order by how often they occur.

    Attributes:
        bounds: least c(h) of every bucket but the first, ascending, shape (buckets - 1,).
        ratios: c(hw) / c(h) of every token, 0 after an unseen history; float64, shape (n_tokens,).
        seen: whether its history occurs, shape (n_tokens,).
        of: the bucket of every token's history, shape (n_tokens,).
    """

    bounds: NDArray[np.int64]
    ratios: Floats
    seen: NDArray[np.bool_]
    of: NDArray[np.int64]


def fit_jelinek_mercer(
    counts: Counts, orders: Collection[int], valid: Integers, config: JelinekMercerConfig
) -> dict[int, Fitted]:
    """Fit p(w | h) = lambda(h) c(hw) / c(h) + (1 - lambda(h)) p(w | h'), lambda = 0 after an unseen history.

    The histories of an order share a weight with those that occur about as often; every model has its own weights;
    order 1 is interpolated with 1/V.

    Args:
        counts: of the training text.
        orders: the models wanted.
        valid: ids of the validation text, shape (n_tokens,), at least one.
        config: when a bucket is large enough, and when EM ends.
    Source: Jelinek and Mercer (1980); Bahl, Jelinek and Mercer (1983) for the buckets; Chen and Goodman (1998),
    TR-10-98, sections 2.3 and 4.1.
    """
    held_out = HeldOut.of(counts, valid)
    buckets = [bucketed(*pair, config.bucket_tokens) for pair in zip(held_out.ngrams, held_out.histories, strict=True)]
    models: dict[int, Fitted] = {}
    for longest in orders:
        weights = fit_weights(buckets[:longest], 1 / counts.trie.types, config)
        models |= fit_orders(counts, {longest}, _rule(counts, buckets, weights))
    return models


def _rule(counts: Counts, buckets: list[Buckets], weights: list[Floats]) -> MakeRule:
    def make(order: int) -> Rule:
        bounds, weight = buckets[order - 1].bounds, weights[order - 1]

        def estimate(part: Part) -> tuple[Floats, Floats]:
            total = part.total(part.counts)
            own = np.where(total > 0, weight[np.searchsorted(bounds, total, side="right")], 0.0)  # lambda(h)
            return part.interpolate(part.spread(own) * relative_frequencies(part), 1 - own), 1 - own

        fitted = {"weights": weight.tolist(), "least_count": [1.0, *bounds.astype(float).tolist()]}
        return Rule(counts.of(order), estimate, fitted)

    return make


def bucketed(ngrams: NDArray[np.int64], histories: NDArray[np.int64], least: int) -> Buckets:
    """Divide the tokens of a text by how often their histories occur in training.

    Args:
        ngrams: c(hw) of every token at one order, shape (n_tokens,).
        histories: c(h) of every token, shape (n_tokens,).
        least: tokens of every bucket, at least; the bucket of the most frequent histories takes what is left.
    """
    seen = histories > 0
    values, tokens = np.unique(histories[seen], return_counts=True)
    bounds, size = [], 0
    for value, count in zip(values.tolist(), tokens.tolist(), strict=True):
        if size >= least:
            bounds.append(value)
            size = 0
        size += count
    if bounds and size < least:
        bounds.pop()
    cuts = np.array(bounds, dtype=np.int64)
    return Buckets(cuts, share(ngrams, histories, empty=0.0), seen, np.searchsorted(cuts, histories, side="right"))


def fit_weights(orders: list[Buckets], uniform: float, config: JelinekMercerConfig) -> list[Floats]:
    """Fit the weights of one recursion by expectation maximisation.

    E-step: the posterior that a token came from order m, given that no longer order gave it, is
    lambda_m ratio_m / p_m, where p_m = lambda_m ratio_m + (1 - lambda_m) p_(m-1) and lambda_m is 0 for unseen
    histories. M-step: the lambda_m of a bucket is the share of order m among those of its tokens that came from
    order m or a shorter one, and one token more that no order gave; so lambda_m stays below 1, and unseen words keep
    a probability even where the held-out text has none after such histories.

    Args:
        orders: the tokens of the held-out text for orders 1 to n.
        uniform: p of order 0, 1/V.
        config: when to end.
    Returns:
        lambda of every bucket of orders 1 to n, each in [0, 1); 0 for a bucket without tokens.
    """
    weights = [np.full(len(order.bounds) + 1, 0.5) for order in orders]
    for _ in range(config.iterations):
        before, weights = weights, _iterate(orders, uniform, weights)
        if max(float(np.abs(new - old).max()) for new, old in zip(weights, before, strict=True)) <= config.tolerance:
            break
    return weights


def _iterate(orders: list[Buckets], uniform: float, weights: list[Floats]) -> list[Floats]:
    own, probs = [], np.full(len(orders[0].seen), uniform)  # lambda_m ratio_m / p_m of every token
    for order, weight in zip(orders, weights, strict=True):
        mine = weight[order.of] * order.seen
        part = mine * order.ratios
        probs = part + (1 - mine) * probs
        own.append(part / probs)
    reach = np.ones(len(probs))  # posterior that the token came from order m or a shorter one
    updated = []
    for order, posterior in zip(reversed(orders), reversed(own), strict=True):
        here, size = reach * posterior, len(order.bounds) + 1
        reached = np.bincount(order.of, weights=reach * order.seen, minlength=size)
        updated.append(np.bincount(order.of, weights=here, minlength=size) / (reached + 1))
        reach = reach - here
    return updated[::-1]
