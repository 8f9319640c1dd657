"""Modified Kneser-Ney smoothing: Kneser-Ney with discounts D1 for count 1, D2 for count 2, D3+ for larger counts."""

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
    """Kneser-Ney smoothing with discounts D1, D2 and D3+ per order. `fit_kneser_ney` documents the formula.

    Source: Chen and Goodman (1998), TR-10-98, section 3.
    """

    kind: Literal["modified_kneser_ney"]
    prune: Thresholds
    """Pruning threshold of each order. An n-gram is removed if its number of occurrences is at most the threshold."""

    @classmethod
    def published(cls) -> Mapping[str, Mapping[str, Any]]:
        """Return settings without pruning."""
        return {"modified_kneser_ney": {"prune": [0]}}

    def fit(self, counts: Counts, held_out: Integers, orders: Collection[int]) -> dict[int, FittedModel]:
        """Fit every order with three discounts."""
        return fit_kneser_ney(counts, orders, 3, self.prune)

    def fit_like_lmplz(self, counts: Counts, ids: Integers, orders: Collection[int]) -> dict[int, FittedModel]:
        """Fit every order with the discounts that KenLM's lmplz computes. They depend on the order of lines.

        Args:
            counts: counts of the training text.
            ids: token ids of the training text, EOS at the end of every line, shape (n_tokens,).
            orders: orders of the models to fit.
        """
        return fit_kneser_ney(counts, orders, 3, self.prune, last_ngrams(counts, ids))
