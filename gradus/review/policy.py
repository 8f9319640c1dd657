"""Read the rules of the gate (gate.yaml) and each model's standard deviation over seeds."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field
from pydantic.dataclasses import dataclass

from gradus.evaluation.bootstrap import BootstrapConfig
from gradus.params import STRICT, read_file
from gradus.results.files import read_result
from gradus.results.recipe import RecipeResult, ScoreSummary, Summaries
from gradus.review.headline import Headline
from gradus.review.sides import Model

POLICY = Path("gate.yaml")


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Tolerance:
    """Tolerance of one metric."""

    better: Literal["lower", "higher"]
    """Whether lower or higher values of the metric are better."""
    tolerance: Annotated[float, Field(ge=0, le=100)]
    """Largest change for the worse that passes the gate."""
    unit: Literal["relative", "absolute"]
    """`relative`: the change of the metric is divided by its old value; `absolute`: the change is not divided."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Policy:
    """Content of gate.yaml."""

    perplexity: Tolerance
    pseudo_perplexity: Tolerance
    zero_tokens: Tolerance
    bleu: Tolerance
    bootstrap: BootstrapConfig
    seed: Annotated[int, Field(ge=0, le=2**32 - 1)]
    """Seed of the bootstrap."""
    deviation_factor: Annotated[float, Field(ge=0, le=100)]
    """A change for the worse passes the gate if it is at most this many standard deviations over seeds."""
    deviations: str
    """Path of a recipe's result file. The recipe ran with several seeds."""

    def of(self, headline: Headline) -> Tolerance:
        """Return the tolerance of a metric."""
        tolerance: Tolerance = getattr(self, headline.measure)
        return tolerance


@dataclass(frozen=True, kw_only=True, config=STRICT)
class CIConfig:
    """Section `ci` of params.yaml."""

    tolerance: Annotated[float, Field(ge=0, le=1)]
    """Two numbers count as equal if their relative difference is at most this value."""


def read_policy() -> Policy:
    """Read gate.yaml in the current folder.

    Raises:
        InputError: if the file is missing, or a key is missing, unknown or out of range.
    """
    return read_file(POLICY, Policy)


def read_deviations(policy: Policy) -> RecipeResult | None:
    """Return the result of the recipe that ran with several seeds; None if the result file does not exist.

    Raises:
        InputError: if the file is damaged.
    """
    path = Path(policy.deviations)
    return read_result(path, RecipeResult) if path.exists() else None


def deviation_of(recipe: RecipeResult | None, model: Model, headline: Headline, unit: str) -> float | None:
    """Return a model's standard deviation over seeds, in the unit of the tolerance; None if it was not measured."""
    if recipe is None:
        return None
    mean, deviation = _number(recipe.mean, model, headline), _number(recipe.deviation, model, headline)
    if mean is None or deviation is None:
        return None
    # A deviation of the mean score, in nats, is already the relative deviation of e^(mean score).
    relative = unit == "relative" and headline.measure != "pseudo_perplexity"
    return deviation / mean if relative and mean else deviation


def _number(summaries: Summaries, model: Model, headline: Headline) -> float | None:
    """Return the entry of a model's headline metric in a table of means or deviations; None if there is no entry.

    For the metric `e^(mean score)`, return the entry of the mean score.
    """
    if headline.measure == "bleu":
        translation = summaries.mt.get(model.name)
        strategy = translation.strategies.get(headline.where) if translation else None
        return strategy.bleu if strategy else None
    language_model = summaries.lm.get(model.name)
    scores = language_model.test.items() if language_model else ()
    score = next((score for context, score in scores if context == headline.where), ScoreSummary())
    if headline.measure == "zero_tokens":
        return score.zero_tokens
    return score.perplexity if headline.measure == "perplexity" else score.mean_score_nats
