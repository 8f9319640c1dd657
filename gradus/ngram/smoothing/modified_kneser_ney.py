"""Modified Kneser-Ney smoothing: Kneser-Ney with a discount for each of the counts 1, 2 and 3 or more."""

from collections.abc import Collection, Mapping
from typing import Any, Literal

from pydantic.dataclasses import dataclass

from gradus.ngram.counting.counts import Counts
from gradus.ngram.smoothing.kneser_ney import fit_kneser_ney
from gradus.ngram.smoothing.lmplz import last_ngrams
from gradus.ngram.smoothing.orders import FittedModel
from gradus.ngram.smoothing.pruning import Thresholds
from gradus.ngram.smoothing.smoother import Smoother
from gradus.ngram.trie import Integers
from gradus.params import STRICT


@dataclass(frozen=True, kw_only=True, config=STRICT)
class ModifiedKneserNey(Smoother):
    """Kneser-Ney with discounts D1, D2 and D3+ per order; the formula is at `fit_kneser_ney`.

    Source: Chen and Goodman (1998), TR-10-98, section 3.
    """

    kind: Literal["modified_kneser_ney"]
    prune: Thresholds
    """By order: leave out n-grams that occur at most so often."""

    @classmethod
    def published(cls) -> Mapping[str, Mapping[str, Any]]:
        """Return the model without pruning."""
        return {"modified_kneser_ney": {"prune": [0]}}

    def fit(self, counts: Counts, held_out: Integers, orders: Collection[int]) -> dict[int, FittedModel]:
        """Fit all orders with three discounts each."""
        return fit_kneser_ney(counts, orders, 3, self.prune)

    def fit_like_lmplz(self, counts: Counts, ids: Integers, orders: Collection[int]) -> dict[int, FittedModel]:
        """Fit all orders with the discounts of KenLM's lmplz, which depend on the order of lines.

        Args:
            counts: counts of the training text.
            ids: the training text itself, EOS at the end of every line, shape (n_tokens,).
            orders: orders of the models to fit.
        """
        return fit_kneser_ney(counts, orders, 3, self.prune, last_ngrams(counts, ids))
