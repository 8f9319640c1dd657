"""Compare every model in the working tree with the same model in a commit, the base."""

import math
from dataclasses import dataclass, replace
from typing import Literal

from gradus.errors import RunError
from gradus.results.recipe import RecipeResult
from gradus.results.subject import TranslationText
from gradus.results.translation import TranslationResult
from gradus.review.evidence import interval_of
from gradus.review.headline import Headline, headline_of, value_of
from gradus.review.paired import Interval
from gradus.review.policy import Policy, deviation_of, read_deviations
from gradus.review.scores import Scores
from gradus.review.sides import Model, Result, all_models

Verdict = Literal["same", "noise", "better", "worse", "new", "vanished", "missing", "incomparable"]


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Comparison of one model's headline metric before and after a change."""

    model: Model
    verdict: Verdict
    headline: Headline | None = None
    before: float | None = None
    after: float | None = None
    change: float = 0.0
    """`after - before`, divided by `before` if the tolerance is relative."""
    allowed: float = 0.0
    """Largest change that passes the gate: the maximum of the tolerance and `Policy.deviation_factor * deviation`."""
    deviation: float | None = None
    """Standard deviation of the metric over seeds; None if it was not measured."""
    interval: Interval | None = None
    """Confidence interval of `change`; None if it could not be computed."""
    note: str = ""
    """Reason why the model was not compared, or was compared without an interval; otherwise empty."""

    @property
    def relative(self) -> float:
        """`after / before - 1`; infinite if `before` is zero or one of the two values is missing."""
        if self.before == self.after:
            return 0.0
        return self.after / self.before - 1 if self.before and self.after is not None else math.inf


def compare(policy: Policy, scores: Scores) -> list[Comparison]:
    """Compare every model that exists in the base, in the working tree, or in both.

    Raises:
        InputError: if the deviations over seeds cannot be read.
    """
    recipe = read_deviations(policy)
    return [_compare(model, policy, scores, recipe) for model in all_models(scores.base, scores.here)]


def _compare(model: Model, policy: Policy, scores: Scores, recipe: RecipeResult | None) -> Comparison:
    old, new = scores.base.result(model), scores.here.result(model)
    headline = headline_of(old) if old else None
    before = value_of(headline, old) if headline and old else None
    if model not in scores.here.models:
        return Comparison(model=model, verdict="vanished", headline=headline, before=before)
    if headline is None or old is None or before is None:
        return _without_base(model, new, scores)
    after = value_of(headline, new) if new else None
    comparison = Comparison(model=model, verdict="same", headline=headline, before=before, after=after)
    if new is None or after is None:
        return replace(comparison, verdict="missing", note=_why_missing(model, scores))
    if other := _difference(headline, old, new):
        return replace(comparison, verdict="incomparable", note=f"the {other} has changed")
    return comparison if before == after else _weighed(comparison, policy, scores, recipe)


def _without_base(model: Model, new: Result | None, scores: Scores) -> Comparison:
    """Return the comparison of a model that has no headline metric in the base."""
    headline = headline_of(new) if new else None
    after = value_of(headline, new) if headline and new else None
    if model not in scores.here.metrics:
        return Comparison(model=model, verdict="missing", note=_why_missing(model, scores))
    if model not in scores.base.metrics and headline:
        return Comparison(model=model, verdict="new", headline=headline, after=after)
    # A model is not new if the base has a file of the model, even if this file cannot be read.
    where = "in the base" if headline else "on either side"
    return Comparison(
        model=model, verdict="incomparable", headline=headline, after=after, note=f"no headline metric {where}"
    )


def _why_missing(model: Model, scores: Scores) -> str:
    return "its metrics file lacks this metric" if model in scores.here.metrics else "the model has no metrics file"


def _difference(headline: Headline, old: Result, new: Result) -> str | None:
    """If two results are not comparable, return what differs, such as `test text`; otherwise, return None."""
    if _text(old, new) != _text(new, old):
        return "test text"
    if isinstance(old, TranslationResult) or isinstance(new, TranslationResult):
        return "BLEU signature" if _signature(headline, old) != _signature(headline, new) else None
    return "tokenizer" if old.tokenizer.sha256 != new.tokenizer.sha256 else None


def _text(result: Result, other: Result) -> object:
    """Return the SHA-256 of a result's test text; if one of the results has no SHA-256, return the text's size."""
    text = result.text
    if text.sha256 and other.text.sha256:
        return text.sha256
    return text.pairs if isinstance(text, TranslationText) else (text.lines, text.characters)


def _signature(headline: Headline, result: Result) -> str | None:
    scores = result.strategies.get(headline.where) if isinstance(result, TranslationResult) else None
    return scores.bleu_signature if scores else None


def _weighed(comparison: Comparison, policy: Policy, scores: Scores, recipe: RecipeResult | None) -> Comparison:
    """Return a copy of a comparison with a verdict: noise, an improvement or a regression."""
    headline, before, after = comparison.headline, comparison.before, comparison.after
    if headline is None or before is None or after is None:
        return comparison
    tolerance = policy.of(headline)
    deviation = deviation_of(recipe, comparison.model, headline, tolerance.unit)
    change = comparison.relative if tolerance.unit == "relative" else after - before
    allowed = max(tolerance.tolerance, policy.deviation_factor * (deviation or 0.0))
    interval, note = None, ""
    try:
        interval = interval_of(comparison.model, headline, (before, after), policy, scores)
    except RunError as error:
        note = str(error)
    # Without an interval the tolerance alone decides.
    certain = interval is None or not interval[0] <= 0.0 <= interval[1]
    # Both conditions: the interval covers chance in the test text, `allowed` covers chance in training.
    verdict: Verdict = "noise"
    if certain and abs(change) > allowed:
        verdict = "better" if (change < 0) is (tolerance.better == "lower") else "worse"
    return replace(
        comparison, verdict=verdict, change=change, allowed=allowed, deviation=deviation, interval=interval, note=note
    )
