"""Compute the confidence interval of a change from the per-line scores before and after the change."""

import math
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gradus.errors import InputError, RunError
from gradus.evaluation.language_models.line_scores import LineScores, read_line_scores
from gradus.evaluation.translation_models.bleu import bleu_of
from gradus.evaluation.translation_models.sentence_scores import read_sentence_scores
from gradus.review.headline import Headline
from gradus.review.paired import Interval, bleu_interval, line_interval
from gradus.review.policy import Policy
from gradus.review.scores import Scores
from gradus.review.sides import Model

AGREEMENT = 1e-6
"""Largest accepted relative difference between the metric in the metrics file and the same metric from per-line scores.

A larger difference cannot be a rounding error.
"""


def interval_of(
    model: Model, headline: Headline, values: tuple[float, float], policy: Policy, scores: Scores
) -> Interval:
    """Return the confidence interval of the change in a model's headline metric.

    Args:
        model: the model.
        headline: the model's headline metric.
        values: the metric before and after the change. The per-line scores must give the same values.
        policy: rules of the gate, with the settings of the bootstrap.
        scores: access to the per-line scores before and after the change.
    Raises:
        RunError: if the interval cannot be computed; the message gives the reason.
    """
    if not all(map(math.isfinite, values)):
        raise RunError("a token has probability zero")
    try:
        pair = list(zip((scores.before(model), scores.after(model)), values, strict=True))
        if headline.measure == "bleu":
            before, after = (_statistics(folder, headline, value) for folder, value in pair)
            _require_same(len(before), len(after))
            return bleu_interval(before, after, policy.bootstrap, seed=policy.seed)
        old, new = (_lines(folder, headline, value) for folder, value in pair)
        _require_same(old.text_sha256, new.text_sha256)
        _require_same(old.tokens.tolist(), new.tokens.tolist())
        return line_interval(headline, old, new, policy.bootstrap, seed=policy.seed)
    except InputError:
        raise RunError("the per-line scores cannot be read, or do not fit into memory") from None


def _statistics(folder: Path, headline: Headline, value: float) -> NDArray[np.int64]:
    statistics = read_sentence_scores(folder).statistics.get(headline.where)
    if statistics is None:
        raise RunError("the per-line scores lack the headline decoding strategy")
    _require_agreement(bleu_of(statistics.sum(axis=0)), value)
    return statistics


def _lines(folder: Path, headline: Headline, value: float) -> LineScores:
    scores = read_line_scores(folder)
    if headline.where not in scores.nats:
        raise RunError("the per-line scores lack the context of the headline metric")
    zeros = float(scores.zeros[headline.where].sum())
    if headline.measure == "zero_tokens":
        _require_agreement(zeros, value)
    else:
        nats = float(scores.nats[headline.where].sum() / scores.tokens.sum())
        _require_agreement(math.inf if zeros else math.exp(nats), value)
    return scores


def _require_agreement(total: float, value: float) -> None:
    # The interval must be about the compared values; metrics may be edited, or come from another run.
    if not math.isclose(total, value, rel_tol=AGREEMENT):
        raise RunError(f"the per-line scores add up to {total:.6g}, but the metrics file has {value:.6g}")


def _require_same(before: object, after: object) -> None:
    if before != after:
        raise RunError("the per-line scores before and after belong to different texts")
