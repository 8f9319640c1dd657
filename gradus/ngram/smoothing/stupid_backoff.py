"""Stupid back-off: relative frequencies, multiplied by a fixed factor for every word removed from the history."""

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
    """Stupid back-off smoothing.

    S(w | h) = c(hw) / c(h) if hw was seen, else factor * S(w | h')

    The scores after a history do not sum to one, so perplexity is undefined.

    Source: Brants et al. (2007), Large language models in machine translation, equation (5).
    """

    kind: Literal["stupid_backoff"]
    # below 1, because `NgramModel.is_distribution` takes 1 for a distribution
    factor: Annotated[float, Field(gt=0, lt=1)]
    """Factor for every word that is removed from the history."""

    @property
    def unseen_weight(self) -> float:
        """Return `factor`, because scores after unseen histories are multiplied by it too."""
        return self.factor

    @classmethod
    def published(cls) -> Mapping[str, Mapping[str, Any]]:
        """Return the factor of Brants et al."""
        return {"stupid_backoff": {"factor": 0.4}}

    def fit(self, counts: Counts, held_out: Integers, orders: Collection[int]) -> dict[int, FittedModel]:
        """Fit every order with relative frequencies; all back-off weights equal the factor."""
        return fit_orders(counts, orders, frequency_rule(counts, self.factor))
