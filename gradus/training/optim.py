"""Optimizers, learning-rate schedules, and the training settings of every network."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass as plain_dataclass
from typing import Annotated

import torch
from pydantic import Field
from pydantic.dataclasses import dataclass
from torch import nn

from gradus.choices import NameOf
from gradus.params import STRICT
from gradus.training.clipping import CLIPPINGS
from gradus.training.precision import Precision

PLATEAU_FACTOR = 0.25
"""Factor by which the learning rate is multiplied after an epoch without improvement.

PyTorch's example of a word-level language model (2017) uses the same factor.
"""


@plain_dataclass(frozen=True)
class OptimizerKind:
    """An optimizer of torch, and the keys of its state."""

    module: type[torch.optim.AdamW] | type[torch.optim.SGD]
    moments: tuple[str, ...]
    """Keys in the state whose tensors have the same shape as the weights."""


OPTIMIZERS: Mapping[str, OptimizerKind] = {
    "adamw": OptimizerKind(torch.optim.AdamW, ("exp_avg", "exp_avg_sq")),
    "sgd": OptimizerKind(torch.optim.SGD, ()),
}
"""Dict from the name of an optimizer in params.yaml to its class and the keys of its state."""

Schedule = Callable[[int, int, Sequence[float]], float]
"""Function that computes `decay` from the step, the number of steps and the validation losses; see `learning_rate`."""


def _constant(step: int, total_steps: int, valid_nats: Sequence[float]) -> float:
    return 1.0


def _cosine(step: int, total_steps: int, valid_nats: Sequence[float]) -> float:
    return (1.0 + math.cos(math.pi * step / total_steps)) / 2


def _plateau(step: int, total_steps: int, valid_nats: Sequence[float]) -> float:
    # The first epoch is not counted, because there is no epoch before it.
    stalled = sum(nats >= min(valid_nats[:epoch]) for epoch, nats in enumerate(valid_nats) if epoch)
    return PLATEAU_FACTOR**stalled


SCHEDULES: Mapping[str, Schedule] = {"constant": _constant, "cosine": _cosine, "plateau": _plateau}
"""Dict from the name of a schedule in params.yaml to its function."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class TrainingConfig:
    """Training settings of every network. Language models and translation models add their own settings."""

    optimizer: Annotated[str, NameOf(OPTIMIZERS)]
    learning_rate: Annotated[float, Field(gt=0, le=1000)]
    """Largest learning rate, which is reached at the end of the warm-up."""
    weight_decay: Annotated[float, Field(ge=0, le=1000)]
    """Coefficient of weight decay. Biases and gains have no weight decay."""
    schedule: Annotated[str, NameOf(SCHEDULES)]
    warmup_steps: Annotated[int, Field(ge=0, le=10**9)]
    """The learning rate rises linearly during this number of optimizer steps at the start of the training."""
    clip_by: Annotated[str, NameOf(CLIPPINGS)]
    """What is limited: `norm`, the global norm of the gradient, or `value`, the size of each component."""
    clip: Annotated[float, Field(ge=0, le=10**9)]
    """Largest allowed global norm, or the largest allowed size of a component. 0 means no limit."""
    precision: Precision
    """Precision of the matrix products of a training step: `float32`, or `bfloat16` with weights in float32."""
    epochs: Annotated[int, Field(ge=1, le=10**6)]
    """Largest number of epochs."""
    patience: Annotated[int, Field(ge=1, le=10**6)]
    """The training stops after this number of epochs in a row without a new lowest validation loss."""


def build_optimizer(model: nn.Module, config: TrainingConfig) -> torch.optim.Optimizer:
    """Build the optimizer of a model's parameters. Vectors (biases and gains) have no weight decay.

    Source: Loshchilov and Hutter (2019), Decoupled Weight Decay Regularization, for AdamW. With SGD, weight decay is
    the gradient of an L2 penalty, which is added to the gradient of the loss.
    """
    parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]
    groups = [
        {"params": [p for p in parameters if p.dim() >= 2], "weight_decay": config.weight_decay},
        {"params": [p for p in parameters if p.dim() < 2], "weight_decay": 0.0},
    ]
    groups = [group for group in groups if group["params"]]
    return OPTIMIZERS[config.optimizer].module(groups, lr=config.learning_rate, fused=True)


def learning_rate(config: TrainingConfig, step: int, total_steps: int, valid_nats: Sequence[float]) -> float:
    """Return the learning rate of one optimizer step.

        rate = peak * min(1, (step + 1) / warmup_steps) * decay

    The peak is `config.learning_rate`. The decay depends on the schedule:

        constant: 1
        cosine:   (1 + cos(pi * step / total_steps)) / 2
        plateau:  PLATEAU_FACTOR ** (number of finished epochs without a new lowest validation loss)

    Args:
        config: peak, schedule and warm-up.
        step: number of optimizer steps before this step.
        total_steps: number of optimizer steps in all epochs.
        valid_nats: validation loss of every finished epoch, in nats per token.
    """
    # step + 1, so that the learning rate of the first step is not zero.
    warmup = min(1.0, (step + 1) / config.warmup_steps) if config.warmup_steps else 1.0
    return config.learning_rate * warmup * SCHEDULES[config.schedule](step, total_steps, valid_nats)
