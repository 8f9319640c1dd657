"""Fit a smoother to counts, and write the resulting models."""

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
    """Models of one or more orders that a smoother fitted to the counts of a text."""

    smoother: Smoother
    counts: Counts
    models: dict[int, FittedModel]
    """Dict from the order to the fitted model."""

    def model(self, order: int) -> NgramModel:
        """Return the fitted model of an order."""
        return NgramModel(
            kind=self.smoother.kind,
            trie=self.models[order].trie,
            tables=self.models[order].tables,
            observed=self.counts.observed,
            unseen_weight=self.smoother.unseen_weight,
        )

    def fitted(self, order: int) -> FittedByOrder:
        """Return the fitted parameters of one model, as a dict from the order of the n-grams to the parameters."""
        reports = enumerate(self.models[order].reports, 1)
        # some smoothers fit no parameters, and the manifest has no entry for their orders
        return {str(n): report.fitted for n, report in reports if report.fitted != Fitted()}

    def warnings(self) -> list[str]:
        """Return the distinct warnings of all models."""
        reports = [report for model in self.models.values() for report in model.reports]
        return list(dict.fromkeys(warning for report in reports for warning in report.warnings))

    def notes(self) -> Notes:
        """Return the fitted parameters and the warnings, for the manifest."""
        return Notes({n: self.fitted(n) for n in self.models}, self.warnings())


def fit(smoother: Smoother, counts: Counts, held_out: Integers, orders: Collection[int] = ()) -> Fit:
    """Fit the models of a smoother.

    Args:
        smoother: the smoother with its settings.
        counts: counts of the training text, orders 1 to N.
        held_out: token ids of the validation text, shape (n_tokens,). Some smoothers fit parameters on this text.
        orders: orders of the models to fit. If empty, fit a model of every order from 1 to N.
    Raises:
        InputError: if the smoother needs a validation text and `held_out` is empty, or if a pruning threshold is for an
            order above N.
    """
    orders = orders or range(1, counts.order + 1)
    # checked here, because NumPy's error for an empty array would not help a user
    if smoother.needs_held_out and not len(held_out):
        expected, remedy = "a validation text", "give a validation text that is not empty"
        raise InputError(smoother.kind, expected=expected, found="no text", remedy=remedy)
    return Fit(smoother, counts, smoother.fit(counts, held_out, orders))


def write_fit(folder: Path, fit: Fit, tokenizer_sha256: str) -> None:
    """Write all fitted models to one folder."""
    write_models(folder, [fit.model(n) for n in sorted(fit.models)], tokenizer_sha256, fit.notes())
