"""Penalties on the features of a language model."""

from typing import Annotated

from pydantic import Field
from pydantic.dataclasses import dataclass
from torch import Tensor

from gradus.params import STRICT

Factor = Annotated[float, Field(ge=0, le=10**6)]


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Penalties:
    """Factors of the penalties on the features h, before dropout.

        penalty = activation * mean of h_t[i]^2 + temporal * mean of (h_{t+1}[i] - h_t[i])^2

    The first term keeps the features small, and the second term keeps them from changing fast.

    Source: Merity et al. (2017), Revisiting activation regularization for language RNNs. The paper applies the first
    term after the dropout of rate p, where the mean square is larger by the factor `1 / (1 - p)`.
    """

    activation: Factor
    """Factor of activation regularisation (AR)."""
    temporal: Factor
    """Factor of temporal activation regularisation (TAR)."""

    def of(self, features: Tensor) -> Tensor | None:
        """Return the penalty of features, (B, T, H), a differentiable scalar, or None if both factors are zero."""
        if not (self.activation or self.temporal):
            return None
        penalty = self.activation * features.square().mean()
        if self.temporal and features.shape[1] > 1:
            penalty = penalty + self.temporal * (features[:, 1:] - features[:, :-1]).square().mean()
        return penalty
