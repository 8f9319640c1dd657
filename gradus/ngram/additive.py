"""Additive smoothing: a little more of everything."""

from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from pydantic.dataclasses import dataclass

from gradus.ngram.counts import CountLevel, Counts
from gradus.ngram.estimates import Estimate, Floats, Level, by_history, fit_orders, interpolate
from gradus.params import STRICT
from gradus.text.special import BOS_ID


@dataclass(frozen=True, kw_only=True, config=STRICT)
class AdditiveConfig:
    """Additive smoothing; k = 1 is Laplace's."""

    kind: Literal["additive"]
    k: Annotated[float, Field(gt=0)]
    """Occurrences added to every type after every history."""


def fit_additive(counts: Counts, k: float) -> list[tuple[Level, ...]]:
    """Fit p(w | h) = (c(hw) + k) / (c(h) + k V), which is 1/V after an unseen history.

    In the common form c(hw) / (c(h) + k V) is interpolated with 1/V, not with a shorter history, so the shorter
    orders of a model are uniform. Only at the start of a line, where there are no more words, do they count:
    n-grams that begin with BOS keep their estimate.

    Source: Chen and Goodman (1998), TR-10-98, section 2.1.
    """
    at_bos = _begin_with_bos(counts)

    def top(level: CountLevel, below: Floats) -> Estimate:
        total = by_history(level, level.counts) + k * counts.types
        alpha = level.counts / total[level.histories()]
        return _estimate(level, alpha, k * counts.types / total)

    def lower(level: CountLevel, below: Floats) -> Estimate:
        full = top(level, below)
        alpha = np.where(at_bos[level.order], full.probs - full.weights[level.histories()] / counts.types, 0.0)
        return _estimate(level, alpha, np.where(at_bos[level.order - 1], full.weights, 1.0))

    def _estimate(level: CountLevel, alpha: Floats, gamma: Floats) -> Estimate:
        flat = np.full(level.n_histories, 1 / counts.types)
        return Estimate(interpolate(level, alpha, gamma, flat), gamma)

    return fit_orders(counts, top, lower)


def _begin_with_bos(counts: Counts) -> list[NDArray[np.bool_]]:
    """Return for orders 0 to N which n-grams begin with BOS."""
    begins = [np.zeros(1, dtype=bool), np.arange(counts.vocabulary_size) == BOS_ID]
    for level in counts.levels[1:]:
        begins.append(begins[-1][level.histories()])
    return begins
