"""Every smoother behind one call."""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, cast

from pydantic import Field

from gradus.ngram.additive import AdditiveConfig, fit_additive
from gradus.ngram.counts import Counts
from gradus.ngram.estimates import Level
from gradus.ngram.jelinek_mercer import JelinekMercerConfig, fit_jelinek_mercer
from gradus.ngram.katz import KatzConfig, fit_katz
from gradus.ngram.kneser_ney import KneserNeyConfig, ModifiedKneserNeyConfig, fit_kneser_ney
from gradus.ngram.lookup import Integers
from gradus.ngram.maximum_likelihood import (
    MaximumLikelihoodConfig,
    StupidBackoffConfig,
    fit_maximum_likelihood,
    fit_stupid_backoff,
)
from gradus.ngram.model import NgramModel
from gradus.params import read_params

Smoother = Annotated[
    MaximumLikelihoodConfig
    | AdditiveConfig
    | StupidBackoffConfig
    | KatzConfig
    | JelinekMercerConfig
    | KneserNeyConfig
    | ModifiedKneserNeyConfig,
    Field(discriminator="kind"),
]
"""The configuration of any smoother, told by its `kind`."""


@dataclass(frozen=True)
class Fit:
    """What one smoother made of the counts.

    Attributes:
        kind: the smoother.
        counts: what it was fitted to.
        models: for every order n the levels 1 to n of its model.
        unseen_weight: share of p(w | h') in p(w | h) after an unseen history: 1 for every distribution.
    """

    kind: str
    counts: Counts
    models: list[tuple[Level, ...]]
    unseen_weight: float

    def model(self, order: int) -> NgramModel:
        """Return the model of one order, from 1 to N."""
        return NgramModel(
            kind=self.kind,
            vocabulary_size=self.counts.vocabulary_size,
            keys=self.counts.keys[:order],
            levels=self.models[order - 1],
            observed=self.counts.observed,
            unseen_log_weight=math.log(self.unseen_weight) if self.unseen_weight else -math.inf,
        )

    def warnings(self) -> list[str]:
        """Return what could not be estimated at any order, each once."""
        return list(dict.fromkeys(w for levels in self.models for level in levels for w in level.warnings))


def read_smoother(path: Path, name: str) -> Smoother:
    """Read the section `smooth_ngrams.NAME` of a parameter file; errors as of `read_params`."""
    return cast(Smoother, read_params(path, f"smooth_ngrams.{name}", cast(Any, Smoother)))


def fit(smoother: Smoother, counts: Counts, valid: Integers) -> Fit:
    """Fit a smoother at every order from 1 to N.

    Args:
        smoother: its configuration.
        counts: of the training text.
        valid: ids of the validation text, on which Jelinek-Mercer fits its weights; shape (n_tokens,).
    """
    unseen_weight = 1.0
    match smoother:
        case MaximumLikelihoodConfig():
            models, unseen_weight = fit_maximum_likelihood(counts), 0.0
        case StupidBackoffConfig():
            models, unseen_weight = fit_stupid_backoff(counts, smoother.factor), smoother.factor
        case AdditiveConfig():
            models = fit_additive(counts, smoother.k)
        case KatzConfig():
            models = fit_katz(counts, smoother.threshold)
        case JelinekMercerConfig():
            models = fit_jelinek_mercer(counts, valid, smoother)
        case KneserNeyConfig():
            models = fit_kneser_ney(counts, 1)
        case ModifiedKneserNeyConfig():
            models = fit_kneser_ney(counts, 3)
    return Fit(smoother.kind, counts, models, unseen_weight)
