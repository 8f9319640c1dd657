"""Relative frequencies, alone and with the back-off that keeps their scores above zero."""

from collections.abc import Collection
from typing import Annotated, Literal

import numpy as np
from pydantic import Field
from pydantic.dataclasses import dataclass

from gradus.ngram.counting.counts import Counts
from gradus.ngram.smoothing.estimates import Fitted, Floats, Part, Rule, fit_orders
from gradus.params import STRICT


@dataclass(frozen=True, kw_only=True, config=STRICT)
class MaximumLikelihoodConfig:
    """Maximum likelihood has no parameters."""

    kind: Literal["mle"]


@dataclass(frozen=True, kw_only=True, config=STRICT)
class StupidBackoffConfig:
    """Stupid back-off."""

    kind: Literal["stupid_backoff"]
    factor: Annotated[float, Field(gt=0, le=1)]
    """Price of every word by which the history is shortened."""


def relative_frequencies(part: Part) -> Floats:
    """Return c(hw) / c(h) of every n-gram, where c(h) = sum over w of c(hw); float64, shape (E,)."""
    frequencies: Floats = part.counts / part.spread(part.total(part.counts))
    return frequencies


def fit_maximum_likelihood(counts: Counts, orders: Collection[int]) -> dict[int, Fitted]:
    """Fit p(w | h) = c(hw) / c(h); what was not seen after h has probability zero.

    After a history that was never seen this is no distribution.
    """
    return _fit(counts, orders, 0.0)


def fit_stupid_backoff(counts: Counts, orders: Collection[int], factor: float) -> dict[int, Fitted]:
    """Fit S(w | h) = c(hw) / c(h) where hw was seen, and factor * S(w | h') elsewhere.

    The scores of a history do not sum to one: they have no perplexity.

    Source: Brants et al. (2007), Large language models in machine translation, equation (5).
    """
    return _fit(counts, orders, factor)


def _fit(counts: Counts, orders: Collection[int], weight: float) -> dict[int, Fitted]:
    def estimate(part: Part) -> tuple[Floats, Floats]:
        return relative_frequencies(part), np.full(len(part.sizes), weight)

    return fit_orders(counts, orders, lambda order: Rule(counts.of(order), estimate))
