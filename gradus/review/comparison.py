"""Every model of the working tree beside the same model of a commit: what changed, and whether it is noise."""

import math
from dataclasses import dataclass, replace
from typing import Literal

from gradus.errors import RunError
from gradus.reporting.results import get
from gradus.review.evidence import interval_of
from gradus.review.headline import Headline, headline_of, value_of
from gradus.review.paired import Interval
from gradus.review.policy import Policy, deviation_of, read_deviations
from gradus.review.scores import Scores
from gradus.review.sides import Metrics, Model, all_models

Verdict = Literal["same", "noise", "better", "worse", "new", "vanished", "missing", "incomparable"]


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """One model on both sides."""

    model: Model
    verdict: Verdict
    headline: Headline | None = None
    before: float | None = None
    after: float | None = None
    change: float = 0.0
    """After less before; divided by before where the tolerance is relative."""
    allowed: float = 0.0
    """The larger of the tolerance and of the factor times the deviation over seeds."""
    deviation: float | None = None
    """None if it was not measured."""
    interval: Interval | None = None
    """Of the change; None where a side's per-line scores are missing."""
    note: str = ""
    """Why there is no comparison, or no interval."""

    @property
    def relative(self) -> float:
        """The change as a share of the value before; infinite where there is none."""
        if self.before == self.after:
            return 0.0
        return self.after / self.before - 1 if self.before and self.after is not None else math.inf


def compare(policy: Policy, scores: Scores) -> list[Comparison]:
    """Compare every model of either side.

    Raises:
        InputError: if the deviations over seeds cannot be read.
    """
    recipe = read_deviations(policy)
    return [_compare(model, policy, scores, recipe) for model in all_models(scores.base, scores.here)]


def _compare(model: Model, policy: Policy, scores: Scores, recipe: Metrics) -> Comparison:
    old, new = scores.base.metrics.get(model), scores.here.metrics.get(model)
    headline = headline_of(model, old or {})
    before = value_of(headline, old) if headline and old else None
    if model not in scores.here.models:
        return Comparison(model=model, verdict="vanished", headline=headline, before=before)
    if headline is None or old is None or before is None:
        own = headline_of(model, new or {})
        verdict: Verdict = "new" if own else "missing" if new is None else "incomparable"
        note = "" if own else "no metrics" if new is None else "no headline metric on either side"
        after = value_of(own, new) if own and new else None
        return Comparison(model=model, verdict=verdict, headline=own, after=after, note=note)
    after = value_of(headline, new or {})
    found = Comparison(model=model, verdict="same", headline=headline, before=before, after=after)
    if new is None or after is None:
        return replace(found, verdict="missing", note="no metrics" if new is None else "its metrics lack it")
    if other := _what_differs(headline, old, new):
        return replace(found, verdict="incomparable", note=f"another {other}")
    return found if before == after else _judged(found, policy, scores, recipe)


def _what_differs(headline: Headline, old: Metrics, new: Metrics) -> str | None:
    """Return what makes two values no measure of the same: the test text, the tokenizer, the kind of BLEU."""
    sums = all(get(side, "text.sha256") for side in (old, new))  # older metrics have counts alone
    keys = dict.fromkeys(["text.sha256"] if sums else ["text.lines", "text.characters", "text.pairs"], "test text")
    if headline.measure == "bleu":
        keys[f"strategies.{headline.where}.bleu_signature"] = "BLEU signature"
    else:
        keys["tokenizer.sha256"] = "tokenizer"
    return next((what for key, what in keys.items() if get(old, key) != get(new, key)), None)


def _judged(found: Comparison, policy: Policy, scores: Scores, recipe: Metrics) -> Comparison:
    """Say whether a change is noise, an improvement or a regression."""
    headline, before, after = found.headline, found.before, found.after
    if headline is None or before is None or after is None:
        return found
    tolerance = policy.of(headline)
    deviation = deviation_of(recipe, found.model, headline, tolerance.unit)
    change = found.relative if tolerance.unit == "relative" else after - before
    allowed = max(tolerance.tolerance, policy.deviation_factor * (deviation or 0.0))
    interval, note = None, ""
    try:
        interval = interval_of(found.model, headline, (before, after), policy, scores)
    except RunError as error:
        note = str(error)
    certain = interval is None or not interval[0] <= 0.0 <= interval[1]
    verdict: Verdict = "noise"
    if certain and abs(change) > allowed:
        verdict = "better" if (change < 0) is (tolerance.better == "lower") else "worse"
    return replace(
        found, verdict=verdict, change=change, allowed=allowed, deviation=deviation, interval=interval, note=note
    )
