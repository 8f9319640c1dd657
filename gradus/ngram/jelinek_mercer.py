"""Jelinek-Mercer smoothing: a mixture of all orders, its weights fitted on text that was not counted."""

from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from pydantic.dataclasses import dataclass

from gradus.ngram.counts import Counts
from gradus.ngram.estimates import Estimate, Floats, Level, by_history, interpolate, to_level, uniform
from gradus.ngram.lookup import ABSENT, Integers, match, with_bos
from gradus.ngram.maximum_likelihood import relative_frequencies
from gradus.params import STRICT


@dataclass(frozen=True, kw_only=True, config=STRICT)
class JelinekMercerConfig:
    """Jelinek-Mercer smoothing; the weights themselves are fitted."""

    kind: Literal["jelinek_mercer"]
    tolerance: Annotated[float, Field(gt=0)]
    """EM ends when no weight moves by more."""
    iterations: Annotated[int, Field(ge=1)]
    """EM ends after as many at the latest."""


def fit_jelinek_mercer(counts: Counts, valid: Integers, config: JelinekMercerConfig) -> list[tuple[Level, ...]]:
    """Fit p(w | h) = lambda_n c(hw) / c(h) + (1 - lambda_n) p(w | h'), lambda_n = 0 after an unseen history.

    One weight per order, fitted anew for the model of every order; order 1 is interpolated with 1/V.

    Args:
        counts: of the training text.
        valid: ids of the validation text, shape (n_tokens,), at least one.
        config: when EM ends.
    Source: Jelinek and Mercer (1980); Chen and Goodman (1998), TR-10-98, section 2.3.
    """
    frequencies = [relative_frequencies(level) for level in counts.levels]
    ratios, seen = _components(counts, frequencies, valid)
    models = []
    for order in range(1, counts.order + 1):
        weights = fit_weights(ratios[: order + 1], seen[: order + 1], config)
        models.append(_mixture(counts, frequencies, weights))
    return models


def _mixture(counts: Counts, frequencies: list[Floats], weights: Floats) -> tuple[Level, ...]:
    """Return the levels of one model; `weights` has its lambda for orders 1 to n."""
    levels, below = [], uniform(counts)
    for level, frequency, weight in zip(counts.levels, frequencies, weights, strict=False):
        gamma = np.where(by_history(level, level.counts) > 0, 1 - weight, 1.0)
        below = interpolate(level, weight * frequency, gamma, below)
        levels.append(to_level(Estimate(below, gamma, {"weight": [float(weight)]})))
    return tuple(levels)


def _components(counts: Counts, frequencies: list[Floats], text: Integers) -> tuple[Floats, NDArray[np.bool_]]:
    """Return for every order and token c(hw) / c(h), and whether h was seen; both (N + 1, n_tokens)."""
    stream, positions = with_bos(text)
    ratios = [np.full(len(text), 1 / counts.types)]
    seen = [np.ones(len(text), dtype=bool)]
    matched = match(counts.keys, stream, counts.vocabulary_size)
    for level, frequency, (histories, entries) in zip(counts.levels, frequencies, matched, strict=True):
        at, history = entries[positions], histories[positions]
        ratio = np.zeros(len(text))
        ratio[at != ABSENT] = frequency[at[at != ABSENT]]
        ratios.append(ratio)
        followed = by_history(level, level.counts) > 0  # an id that never occurs, such as UNK, has an entry too
        known = history != ABSENT
        known[known] = followed[history[known]]
        seen.append(known)
    return np.array(ratios), np.array(seen)


def fit_weights(ratios: Floats, seen: NDArray[np.bool_], config: JelinekMercerConfig) -> Floats:
    """Fit the weights of one recursion by expectation maximisation.

    E-step: the posterior that a token came from order m, given that no longer order gave it, is
    lambda_m ratio_m / p_m, where p_m = lambda_m ratio_m + (1 - lambda_m) p_(m-1) and lambda_m is 0 for unseen
    histories. M-step: lambda_m is the share of order m among the tokens that came from order m or a shorter one.

    Args:
        ratios: c(hw) / c(h) of every token for orders 0 to n, order 0 being 1/V; shape (n + 1, n_tokens).
        seen: whether the history of that order was seen, shape (n + 1, n_tokens).
        config: when to end.
    Returns:
        lambda of orders 1 to n, each in [0, 1], shape (n,); 0 for an order whose histories never occur here.
    """
    weights = np.full(len(ratios) - 1, 0.5)
    for _ in range(config.iterations):
        before, weights = weights, _iterate(ratios, seen, weights)
        if np.abs(weights - before).max() <= config.tolerance:
            break
    return weights


def _iterate(ratios: Floats, seen: NDArray[np.bool_], weights: Floats) -> Floats:
    own, probs = [], ratios[0]  # lambda_m ratio_m / p_m of every token
    for ratio, known, weight in zip(ratios[1:], seen[1:], weights, strict=True):
        part = weight * known * ratio
        probs = part + (1 - weight * known) * probs
        own.append(part / probs)
    reach = np.ones(ratios.shape[1])  # posterior that the token came from order m or a shorter one
    updated = np.zeros(len(weights))
    for m in reversed(range(len(weights))):
        here = reach * own[m]
        reached = float(reach.sum(where=seen[m + 1]))
        updated[m] = float(here.sum()) / reached if reached > 0 else 0.0
        reach = reach - here
    return updated
