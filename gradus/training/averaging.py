"""Averages of the weights of a training: the choices in params.yaml, and the running average.

A model with averaged weights often has a lower loss than the last weights, whose steps still have noise.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Annotated, Literal

import torch
from pydantic import Field
from pydantic.dataclasses import dataclass
from torch import Tensor, nn

from gradus.choices import OneOf
from gradus.params import STRICT


class Average(ABC):
    """An average of the weights. After a step whose weights it includes, `mean += rate * (weights - mean)`."""

    @abstractmethod
    def includes(self, epoch: int, epochs: int, valid_nats: Sequence[float]) -> bool:
        """Say whether the average includes the weights after the steps of an epoch.

        Args:
            epoch: index of the epoch.
            epochs: largest number of epochs of the training.
            valid_nats: validation losses of the epochs before.
        """

    def rate(self, count: int) -> float:
        """Return the rate of the `count`-th included weights. With the rate 1 / count, all weights count equally."""
        return 1 / count


@dataclass(frozen=True, kw_only=True, config=STRICT)
class ExponentialAverage(Average):
    """Exponential moving average of all steps: `rate = max(1 - decay, 1 / count)`.

    The first steps count equally, so the average does not depend on the initial weights.

    Source: Polyak and Juditsky (1992), Acceleration of stochastic approximation by averaging, for averages of weights.
    """

    kind: Literal["ema"]
    decay: Annotated[float, Field(gt=0, lt=1)]
    """Factor by which the share of earlier weights shrinks in every step."""

    def includes(self, epoch: int, epochs: int, valid_nats: Sequence[float]) -> bool:
        """Include every step."""
        return True

    def rate(self, count: int) -> float:
        """See `Average.rate`."""
        return max(1 - self.decay, 1 / count)


@dataclass(frozen=True, kw_only=True, config=STRICT)
class TailAverage(Average):
    """Mean of the weights after all steps of the last epochs."""

    kind: Literal["tail"]
    epochs: Annotated[int, Field(ge=1, le=10**6)]
    """Number of epochs, counted from the largest number of epochs of the training."""

    def includes(self, epoch: int, epochs: int, valid_nats: Sequence[float]) -> bool:
        """Include the steps of the last epochs."""
        return epoch >= epochs - self.epochs


@dataclass(frozen=True, kw_only=True, config=STRICT)
class TriggeredAverage(Average):
    """Mean of the weights after all steps since the validation loss stopped falling (NT-ASGD, with plain SGD).

    The average begins after the first epoch whose validation loss is above the lowest loss of all epochs but the last
    `interval` before it.

    Source: Merity et al. (2018), Regularizing and optimizing LSTM language models, section 3.
    """

    kind: Literal["triggered"]
    interval: Annotated[int, Field(ge=1, le=10**6)]
    """Number of epochs that may pass without a lower validation loss; 5 in the paper."""

    def includes(self, epoch: int, epochs: int, valid_nats: Sequence[float]) -> bool:
        """Include the steps after the trigger."""
        n = self.interval
        return any(valid_nats[k] > min(valid_nats[: k - n]) for k in range(n + 1, len(valid_nats)))


AVERAGES: tuple[type[Average], ...] = (ExponentialAverage, TailAverage, TriggeredAverage)
"""Configuration classes of all averages."""

Averaging = Literal["none"] | Annotated[Average, OneOf(AVERAGES)]
"""Setting `average` of a training."""


class RunningAverage:
    """The average of a model's weights during a training. Until it includes a step, it is the weights themselves."""

    def __init__(self, model: nn.Module, config: Averaging, epochs: int) -> None:
        """Prepare the average.

        Args:
            model: the model that is trained.
            config: kind of the average, or `none`.
            epochs: largest number of epochs of the training.
        """
        self.weights = dict(model.named_parameters())
        self.config, self.epochs = config, epochs
        self.mean: dict[str, Tensor] = {}
        """Averages of all weights; empty if no step is included yet."""
        self.count = 0
        """Number of steps that are included."""

    @torch.no_grad()
    def update(self, epoch: int, valid_nats: Sequence[float]) -> None:
        """Include the weights after a step, if the average includes its epoch; see `Average.includes`."""
        if self.config == "none" or not self.config.includes(epoch, self.epochs, valid_nats):
            return
        self.count += 1
        if self.count == 1:
            self.mean = {name: weight.detach().clone() for name, weight in self.weights.items()}
            return
        rate = self.config.rate(self.count)
        torch._foreach_lerp_([*self.mean.values()], [weight.detach() for weight in self.weights.values()], rate)

    @contextmanager
    def applied(self) -> Iterator[None]:
        """Give the model the averaged weights inside the `with` block."""
        own = {name: weight.detach().clone() for name, weight in self.weights.items()} if self.mean else {}
        self._copy(self.mean)
        try:
            yield
        finally:
            self._copy(own)

    @torch.no_grad()
    def _copy(self, tensors: dict[str, Tensor]) -> None:
        for name, tensor in tensors.items():
            self.weights[name].copy_(tensor)
