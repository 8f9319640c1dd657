"""Stupid back-off: relative frequencies, and a fixed factor for every word that the history loses."""

from collections.abc import Collection, Mapping
from typing import Annotated, Any, Literal

from pydantic import Field
from pydantic.dataclasses import dataclass

from gradus.ngram.counting.counts import Counts
from gradus.ngram.smoothing.maximum_likelihood import frequency_rule
from gradus.ngram.smoothing.orders import FittedModel, fit_orders
from gradus.ngram.smoothing.smoother import Smoother
from gradus.ngram.trie import Integers
from gradus.params import STRICT


@dataclass(frozen=True, kw_only=True, config=STRICT)
class StupidBackoff(Smoother):
    """Stupid back-off.

    S(w | h) = c(hw) / c(h) if hw was seen, else factor * S(w | h')

    The scores after a history do not sum to one, so they have no perplexity.

    Source: Brants et al. (2007), Large language models in machine translation, equation (5).
    """

    kind: Literal["stupid_backoff"]
    factor: Annotated[float, Field(gt=0, lt=1)]  # 1 would look like a distribution, see `NgramModel.is_distribution`
    """Factor for every word by which the history is shortened."""

    @property
    def unseen_weight(self) -> float:
        """The factor, which applies to unseen histories as well."""
        return self.factor

    @classmethod
    def published(cls) -> Mapping[str, Mapping[str, Any]]:
        """Return Brants et al.'s factor."""
        return {"stupid_backoff": {"factor": 0.4}}

    def fit(self, counts: Counts, held_out: Integers, orders: Collection[int]) -> dict[int, FittedModel]:
        """Fit relative frequencies, with the factor as every back-off weight."""
        return fit_orders(counts, orders, frequency_rule(counts, self.factor))
