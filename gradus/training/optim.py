"""Optimizers, learning-rate schedules, and the training settings of every network."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass as plain_dataclass
from typing import Annotated, Any

import torch
from pydantic import Field
from pydantic.dataclasses import dataclass
from torch import nn

from gradus.choices import NameOf
from gradus.interfaces.output import Output
from gradus.params import STRICT
from gradus.training.averaging import Averaging
from gradus.training.clipping import CLIPPINGS
from gradus.training.precision import Precision

PLATEAU_FACTOR = 0.25
"""Factor by which the learning rate is multiplied after an epoch without improvement.

PyTorch's example of a word-level language model (2017) uses the same factor.
"""


@plain_dataclass(frozen=True)
class OptimizerKind:
    """An optimizer of torch, and the keys of its state."""

    module: Callable[..., torch.optim.Optimizer]
    """Class of the optimizer; its constructor takes groups of parameters and `lr`."""
    moments: tuple[str, ...]
    """Keys in the state whose tensors have the same shape as the weights."""
    options: Mapping[str, Any]
    """Further arguments of the constructor."""
    steps: bool
    """True if the state has the number of steps of each parameter."""


ADAMW = OptimizerKind(torch.optim.AdamW, ("exp_avg", "exp_avg_sq"), {"fused": True}, steps=True)
SGD = OptimizerKind(torch.optim.SGD, (), {"fused": True}, steps=False)
MUON = OptimizerKind(torch.optim.Muon, ("momentum_buffer",), {"adjust_lr_fn": "match_rms_adamw"}, steps=False)
"""Muon with steps as long as those of AdamW, so both can have the same learning rate."""
KINDS = (ADAMW, SGD, MUON)
"""All kinds of optimizers."""


@plain_dataclass(frozen=True)
class OptimizerChoice:
    """An optimizer in params.yaml: one kind for the matrices of layers, and one for all other weights."""

    matrices: OptimizerKind
    others: OptimizerKind


OPTIMIZERS: Mapping[str, OptimizerChoice] = {
    "adamw": OptimizerChoice(ADAMW, ADAMW),
    "sgd": OptimizerChoice(SGD, SGD),
    "muon": OptimizerChoice(MUON, ADAMW),
}
"""Dict from the name of an optimizer in params.yaml to its kinds.

`muon` updates the matrices of layers by Muon, and embeddings, the output layer and vectors by AdamW.

Source: Jordan et al. (2024), Muon: an optimizer for hidden layers in neural networks, and Liu et al. (2025), Muon is
scalable for LLM training, for the length of the steps.
"""

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
    average: Averaging
    """Average of the weights. The validation, and the model that is kept, use the averaged weights."""
    precision: Precision
    """Precision of the matrix products of a training step: `float32`, or `bfloat16` with weights in float32."""
    epochs: Annotated[int, Field(ge=1, le=10**6)]
    """Largest number of epochs."""
    patience: Annotated[int, Field(ge=1, le=10**6)]
    """The training stops after this number of epochs in a row without a new lowest validation loss."""


def build_optimizers(model: nn.Module, config: TrainingConfig) -> list[torch.optim.Optimizer]:
    """Build the optimizers of a model's parameters. Vectors (biases and gains) have no weight decay.

    Source: Loshchilov and Hutter (2019), Decoupled Weight Decay Regularization, for AdamW. With SGD, weight decay is
    the gradient of an L2 penalty, which is added to the gradient of the loss.
    """
    choice = OPTIMIZERS[config.optimizer]
    parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]
    types = {id(weight) for weight in _weights_of_types(model)}
    groups: dict[int, list[dict[str, Any]]] = {}
    for kind, decay, members in (
        (choice.matrices, config.weight_decay, [p for p in parameters if p.dim() >= 2 and id(p) not in types]),
        (choice.others, config.weight_decay, [p for p in parameters if p.dim() >= 2 and id(p) in types]),
        (choice.others, 0.0, [p for p in parameters if p.dim() < 2]),
    ):
        if members:
            groups.setdefault(id(kind), []).append({"params": members, "weight_decay": decay})
    kinds = {id(kind): kind for kind in (choice.matrices, choice.others)}
    return [kinds[key].module(own, lr=config.learning_rate, **kinds[key].options) for key, own in groups.items()]


def _weights_of_types(model: nn.Module) -> Iterator[nn.Parameter]:
    """Yield the weights of embeddings and of output layers, whose rows belong to types of the vocabulary."""
    for module in model.modules():
        if isinstance(module, nn.Embedding | Output):
            yield from module.parameters()


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
