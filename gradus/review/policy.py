"""Rules of the gate (gate.yaml), and the deviation of each model over seeds."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field
from pydantic.dataclasses import dataclass

from gradus.artifacts.json_files import read_json
from gradus.evaluation.bootstrap import BootstrapConfig
from gradus.params import STRICT, read_file
from gradus.reporting.results import get
from gradus.review.headline import Headline
from gradus.review.sides import Metrics, Model

POLICY = Path("gate.yaml")


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Tolerance:
    """Which way a metric is better, and how far it may get worse."""

    better: Literal["lower", "higher"]
    tolerance: Annotated[float, Field(ge=0, le=100)]
    unit: Literal["relative", "absolute"]


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Policy:
    """The content of gate.yaml."""

    perplexity: Tolerance
    pseudo_perplexity: Tolerance
    zero_tokens: Tolerance
    bleu: Tolerance
    bootstrap: BootstrapConfig
    seed: Annotated[int, Field(ge=0, le=2**32 - 1)]
    """Of the bootstrap's draws."""
    deviation_factor: Annotated[float, Field(ge=0, le=100)]
    deviations: str
    """File of a recipe's result, run with several seeds."""

    def of(self, headline: Headline) -> Tolerance:
        """Return what holds for a metric."""
        tolerance: Tolerance = getattr(self, headline.measure)
        return tolerance


@dataclass(frozen=True, kw_only=True, config=STRICT)
class CIConfig:
    """Section `ci` of params.yaml."""

    tolerance: Annotated[float, Field(ge=0, le=1)]
    """Relative difference up to which a number counts as the same."""


def read_policy() -> Policy:
    """Read gate.yaml in the current folder.

    Raises:
        InputError: if it is missing, or a key is missing, unknown or out of range.
    """
    return read_file(POLICY, Policy)


def read_deviations(policy: Policy) -> Metrics:
    """Return the result of the recipe that ran over several seeds; empty if there is none yet."""
    path = Path(policy.deviations)
    return read_json(path) if path.exists() else {}


def deviation_of(recipe: Metrics, model: Model, headline: Headline, unit: str) -> float | None:
    """Return a model's standard deviation over seeds, in the unit of its tolerance; None if it was not measured.

    The deviation of a mean score in nats is that of e^(mean score), relative.
    """
    if headline.measure == "bleu":
        key = f"strategies.{headline.where}.bleu"
    else:
        key = f"test.{headline.where}.{headline.measure.replace('pseudo_perplexity', 'mean_score_nats')}"
    deviation, mean = (get(recipe, f"{part}.{model.track}.{model.name}.{key}") for part in ("deviation", "mean"))
    numbers = all(isinstance(value, int | float) for value in (deviation, mean))
    if not numbers:
        return None
    relative = unit == "relative" and headline.measure != "pseudo_perplexity"
    return float(deviation / mean) if relative and mean else float(deviation)
