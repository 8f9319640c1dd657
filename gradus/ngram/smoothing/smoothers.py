"""Every smoother behind one call."""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, cast

from pydantic import Field

from gradus.errors import InputError
from gradus.ngram.counting.counts import Counts
from gradus.ngram.scoring.model import NgramModel
from gradus.ngram.smoothing.absolute_discounting import AbsoluteDiscountingConfig, fit_absolute_discounting
from gradus.ngram.smoothing.additive import AdditiveConfig, fit_additive
from gradus.ngram.smoothing.estimates import Fitted
from gradus.ngram.smoothing.jelinek_mercer import JelinekMercerConfig, fit_jelinek_mercer
from gradus.ngram.smoothing.katz import KatzConfig, fit_katz
from gradus.ngram.smoothing.kneser_ney import KneserNeyConfig, ModifiedKneserNeyConfig, fit_kneser_ney
from gradus.ngram.smoothing.maximum_likelihood import (
    MaximumLikelihoodConfig,
    StupidBackoffConfig,
    fit_maximum_likelihood,
    fit_stupid_backoff,
)
from gradus.ngram.smoothing.witten_bell import WittenBellConfig, fit_witten_bell
from gradus.ngram.trie import Integers
from gradus.params import read_params

Smoother = Annotated[
    MaximumLikelihoodConfig
    | AdditiveConfig
    | StupidBackoffConfig
    | KatzConfig
    | JelinekMercerConfig
    | WittenBellConfig
    | AbsoluteDiscountingConfig
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
        models: those of every order that was asked for.
        unseen_weight: as of `NgramModel`.
    """

    kind: str
    counts: Counts
    models: dict[int, Fitted]
    unseen_weight: float = 1.0

    def model(self, order: int) -> NgramModel:
        """Return the model of one order that was fitted."""
        return NgramModel(
            kind=self.kind,
            trie=self.models[order].trie,
            tables=self.models[order].tables,
            observed=self.counts.observed,
            unseen_weight=self.unseen_weight,
        )

    def fitted(self, order: int) -> dict[str, Any]:
        """Return what was estimated for the model of one order, by the order of the n-grams."""
        return {str(n): found.fitted for n, found in enumerate(self.models[order].findings, 1) if found.fitted}

    def warnings(self) -> list[str]:
        """Return what could not be estimated at any order, each once."""
        findings = [found for model in self.models.values() for found in model.findings]
        return list(dict.fromkeys(warning for found in findings for warning in found.warnings))


def read_smoother(path: Path, name: str) -> Smoother:
    """Read the section `smooth_ngrams.NAME` of a parameter file; errors as of `read_params`."""
    return cast(Smoother, read_params(path, f"smooth_ngrams.{name}", cast(Any, Smoother)))


def needs_held_out(smoother: Smoother) -> bool:
    """Say whether a smoother fits parameters on text that was not counted."""
    return isinstance(smoother, JelinekMercerConfig) or (
        isinstance(smoother, AdditiveConfig) and smoother.k == "fitted"
    )


def fit(smoother: Smoother, counts: Counts, valid: Integers, orders: Collection[int] = ()) -> Fit:
    """Fit a smoother at some orders.

    Args:
        smoother: its configuration.
        counts: of the training text.
        valid: ids of the validation text, for smoothers that fit parameters on it; shape (n_tokens,).
        orders: the models wanted, each from 1 to N; all if none is named.
    Raises:
        InputError: if the smoother needs a validation text and there is none, or has a threshold for an order that
            was not counted.
    """
    orders = orders or range(1, counts.order + 1)
    if needs_held_out(smoother) and not len(valid):
        found = "no text"
        raise InputError(smoother.kind, expected="a validation text", found=found, remedy="name one that has lines")
    unseen_weight = 1.0
    match smoother:
        case MaximumLikelihoodConfig():
            models, unseen_weight = fit_maximum_likelihood(counts, orders), 0.0
        case StupidBackoffConfig():
            models, unseen_weight = fit_stupid_backoff(counts, orders, smoother.factor), smoother.factor
        case AdditiveConfig():
            models = fit_additive(counts, orders, smoother.k, valid)
        case KatzConfig():
            models = fit_katz(counts, orders, smoother.threshold)
        case JelinekMercerConfig():
            models = fit_jelinek_mercer(counts, orders, valid, smoother)
        case WittenBellConfig():
            models = fit_witten_bell(counts, orders)
        case AbsoluteDiscountingConfig():
            models = fit_absolute_discounting(counts, orders)
        case KneserNeyConfig():
            models = fit_kneser_ney(counts, orders, 1, smoother.prune)
        case ModifiedKneserNeyConfig():
            models = fit_kneser_ney(counts, orders, 3, smoother.prune)
    return Fit(smoother.kind, counts, models, unseen_weight)
