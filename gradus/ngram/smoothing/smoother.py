"""Define the interface of all smoothers."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping
from typing import Any

from pydantic.dataclasses import dataclass

from gradus.choices import kind_of
from gradus.ngram.counting.counts import Counts
from gradus.ngram.smoothing.orders import FittedModel
from gradus.ngram.trie import Integers
from gradus.params import STRICT


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Smoother(ABC):
    """Base class of smoothers. The fields of a subclass are its settings in params.yaml; `fit` estimates models.

    Every subclass declares its name as `kind: Literal["name"]`.
    """

    kind: str  # narrowed to a literal by each smoother

    @abstractmethod
    def fit(self, counts: Counts, held_out: Integers, orders: Collection[int]) -> dict[int, FittedModel]:
        """Fit models of some orders.

        Args:
            counts: counts of the training text, orders 1 to N.
            held_out: token ids of the validation text, EOS at the end of every line, shape (n_tokens,). The array may
                be empty if `needs_held_out` is false.
            orders: orders of the models to fit, each from 1 to N.
        """

    @property
    def needs_held_out(self) -> bool:
        """Whether the smoother fits parameters on a validation text."""
        return False

    @property
    def unseen_weight(self) -> float:
        """Back-off weight of unseen histories, as in `NgramModel`. With weight 1, the probabilities sum to one."""
        return 1.0

    @classmethod
    def published(cls) -> Mapping[str, Mapping[str, Any]]:
        """Return published settings, as a dict. Keys: names that `gradus ngram build` accepts; values: settings."""
        return {kind_of(cls): {}}
