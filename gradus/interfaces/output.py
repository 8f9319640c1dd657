"""The interface of output layers, which map features to the distribution of the next token."""

from abc import ABC, abstractmethod

from torch import Tensor, nn


class Output(nn.Module, ABC):
    """Output layer of a language model or a translation model.

        P(v | x) = softmax(logits(x))[v]

    `forward` returns the logits. The other methods compute losses without an array of all logits: such an array has N V
    numbers for N positions and a vocabulary of V types.
    """

    width: int
    """H, width of the features."""

    @abstractmethod
    def forward(self, features: Tensor) -> Tensor:
        """Return the logits (..., V) of features (..., H)."""

    @abstractmethod
    def nll(self, features: Tensor, targets: Tensor, smoothing: float = 0.0) -> Tensor:
        """Return the total loss of all targets except PAD.

            loss_n = -(1 - e) ln P(y_n | x_n) - e / |P| * (sum of ln P(v | x_n) over all v in P)

        The result is the sum of `loss_n` over all targets `y_n` that are not PAD. The set `P` contains all ids except
        PAD and BOS, whose logits are -inf.

        Args:
            features: the features `x_n`, float (..., H).
            targets: the ids `y_n`, int64 (...).
            smoothing: `e` in [0, 1). With 0, the loss is the negative log-likelihood.
        Returns:
            The loss in nats, a differentiable scalar.

        Source: Szegedy et al. (2016), Rethinking the Inception architecture, section 7, for label smoothing.
        """

    @abstractmethod
    def token_nats(self, features: Tensor, targets: Tensor) -> Tensor:
        """Return the negative log-likelihood of every target in nats, float32 (...), without gradients; 0 at PAD."""
