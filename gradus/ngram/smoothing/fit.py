"""Fit a smoother to counts, and write its models."""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from gradus.errors import InputError
from gradus.ngram.counting.counts import Counts
from gradus.ngram.scoring.model import NgramModel
from gradus.ngram.scoring.storage import Notes, write_models
from gradus.ngram.smoothing.orders import FittedModel
from gradus.ngram.smoothing.smoother import Smoother
from gradus.ngram.trie import Integers
from gradus.results.details import Fitted, FittedByOrder


@dataclass(frozen=True)
class Fit:
    """The models that one smoother fitted to the counts of a text."""

    smoother: Smoother
    counts: Counts
    models: dict[int, FittedModel]
    """By order."""

    def model(self, order: int) -> NgramModel:
        """Return the model of one order that was fitted."""
        return NgramModel(
            kind=self.smoother.kind,
            trie=self.models[order].trie,
            tables=self.models[order].tables,
            observed=self.counts.observed,
            unseen_weight=self.smoother.unseen_weight,
        )

    def fitted(self, order: int) -> FittedByOrder:
        """Return the parameters estimated for the model of one order, by order of the n-grams."""
        reports = enumerate(self.models[order].reports, 1)
        return {str(n): report.fitted for n, report in reports if report.fitted != Fitted()}

    def warnings(self) -> list[str]:
        """Return the warnings of all models, each once."""
        reports = [report for model in self.models.values() for report in model.reports]
        return list(dict.fromkeys(warning for report in reports for warning in report.warnings))

    def notes(self) -> Notes:
        """Return the remarks for the manifest."""
        return Notes({n: self.fitted(n) for n in self.models}, self.warnings())


def fit(smoother: Smoother, counts: Counts, held_out: Integers, orders: Collection[int] = ()) -> Fit:
    """Fit a smoother at some orders.

    Args:
        smoother: its settings.
        counts: counts of the training text.
        held_out: ids of the validation text, for smoothers that fit parameters on it; shape (n_tokens,).
        orders: orders of the models, each from 1 to N; all of these if empty.
    Raises:
        InputError: if the smoother needs a validation text and there is none, or has a pruning threshold for an
            order that was not counted.
    """
    orders = orders or range(1, counts.order + 1)
    # here, because the message is better than that of an empty array inside a fit
    if smoother.needs_held_out and not len(held_out):
        expected, remedy = "a validation text", "give one that is not empty"
        raise InputError(smoother.kind, expected=expected, found="no text", remedy=remedy)
    return Fit(smoother, counts, smoother.fit(counts, held_out, orders))


def write_fit(folder: Path, fit: Fit, tokenizer_sha256: str) -> None:
    """Write all models of a fit to one folder."""
    write_models(folder, [fit.model(n) for n in sorted(fit.models)], tokenizer_sha256, fit.notes())
