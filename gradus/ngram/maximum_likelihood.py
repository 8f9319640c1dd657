"""Relative frequencies, alone and with the back-off that keeps their scores above zero."""

from typing import Annotated, Literal

import numpy as np
from pydantic import Field
from pydantic.dataclasses import dataclass

from gradus.ngram.counts import CountLevel, Counts
from gradus.ngram.estimates import Estimate, Floats, Level, by_history, fit_orders
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


def relative_frequencies(level: CountLevel) -> Floats:
    """Return c(hw) / c(h) of every n-gram, where c(h) = sum over w of c(hw); float64, shape (E,)."""
    return level.counts / by_history(level, level.counts)[level.histories()]


def fit_maximum_likelihood(counts: Counts) -> list[tuple[Level, ...]]:
    """Fit p(w | h) = c(hw) / c(h); what was not seen after h has probability zero.

    After a history that was never seen this is no distribution.
    """
    return fit_orders(counts, lambda level, below: _weighted(level, 0.0))


def fit_stupid_backoff(counts: Counts, factor: float) -> list[tuple[Level, ...]]:
    """Fit S(w | h) = c(hw) / c(h) where hw was seen, and factor * S(w | h') elsewhere.

    The scores of a history do not sum to one: they have no perplexity.

    Source: Brants et al. (2007), Large language models in machine translation, equation (5).
    """
    return fit_orders(counts, lambda level, below: _weighted(level, factor))


def _weighted(level: CountLevel, weight: float) -> Estimate:
    return Estimate(relative_frequencies(level), np.full(level.n_histories, weight))
