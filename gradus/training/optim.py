"""Optimizer and learning rate, both plain functions of the configuration."""

import math
from collections.abc import Sequence
from typing import Annotated, Literal

import torch
from pydantic import Field
from pydantic.dataclasses import dataclass
from torch import nn

from gradus.params import STRICT

PLATEAU_FACTOR = 0.25
"""What `plateau` multiplies the learning rate by, as in PyTorch's word-level example of 2017."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class TrainingConfig:
    """What every family's training shares; a family's own configuration extends it."""

    optimizer: Literal["adamw", "sgd"]
    learning_rate: Annotated[float, Field(gt=0, le=1000)]
    weight_decay: Annotated[float, Field(ge=0, le=1000)]
    schedule: Literal["constant", "cosine", "plateau"]
    warmup_steps: Annotated[int, Field(ge=0, le=10**9)]
    clip_norm: Annotated[float, Field(ge=0, le=10**9)]
    epochs: Annotated[int, Field(ge=1, le=10**6)]
    patience: Annotated[int, Field(ge=1, le=10**6)]


def build_optimizer(model: nn.Module, config: TrainingConfig) -> torch.optim.Optimizer:
    """Return the optimizer over a model's parameters; weight decay spares biases and gains (vectors).

    Source: Loshchilov and Hutter (2019), Decoupled Weight Decay Regularization, for AdamW; for `sgd`
    the decay is the L2 penalty's gradient.
    """
    parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]
    groups = [
        {"params": [p for p in parameters if p.dim() >= 2], "weight_decay": config.weight_decay},
        {"params": [p for p in parameters if p.dim() < 2], "weight_decay": 0.0},
    ]
    groups = [group for group in groups if group["params"]]
    match config.optimizer:
        case "adamw":
            return torch.optim.AdamW(groups, lr=config.learning_rate, fused=True)
        case "sgd":
            return torch.optim.SGD(groups, lr=config.learning_rate, fused=True)


def learning_rate(config: TrainingConfig, step: int, total_steps: int, valid_nats: Sequence[float]) -> float:
    """Return the learning rate of optimizer step `step`, counted from 0.

    rate = peak * min(1, (step + 1) / warmup_steps) * decay, where decay is
      constant: 1
      cosine:   (1 + cos(pi * step / total_steps)) / 2
      plateau:  PLATEAU_FACTOR ** (number of epochs so far that did not improve on the best before them)

    Args:
        config: peak, schedule and warm-up.
        step: optimizer steps taken so far.
        total_steps: steps of the whole training, were it never stopped early.
        valid_nats: validation loss after every epoch so far, nats per token.
    """
    warmup = min(1.0, (step + 1) / config.warmup_steps) if config.warmup_steps else 1.0
    match config.schedule:
        case "constant":
            decay = 1.0
        case "cosine":
            decay = (1.0 + math.cos(math.pi * step / total_steps)) / 2
        case "plateau":
            stalled = sum(nats >= min(valid_nats[:epoch]) for epoch, nats in enumerate(valid_nats) if epoch)
            decay = PLATEAU_FACTOR**stalled
    return config.learning_rate * warmup * decay
