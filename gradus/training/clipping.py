"""Clipping of gradients, by their norm or by the value of each component."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn


@dataclass(frozen=True)
class Clipped:
    """Global norms of one gradient, before and after clipping."""

    norm: float
    """Global norm before clipping."""
    clipped_norm: float
    """Global norm after clipping."""
    clipped: bool
    """Whether clipping changed the gradient."""


def _by_norm(parameters: Sequence[nn.Parameter], limit: float) -> tuple[Clipped, Tensor | None]:
    norm = nn.utils.get_total_norm([parameter.grad for parameter in parameters if parameter.grad is not None])
    size = norm.item()
    clipped = Clipped(size, min(size, limit), size > limit)
    return clipped, (norm + 1e-6) / limit if clipped.clipped else None  # as `torch.nn.utils.clip_grad_norm_` divides


def _by_value(parameters: Sequence[nn.Parameter], limit: float) -> tuple[Clipped, None]:
    gradients = [parameter.grad for parameter in parameters if parameter.grad is not None]
    norm = nn.utils.get_total_norm(gradients).item()
    largest = max(gradient.abs().max().item() for gradient in gradients)
    if not largest > limit:  # also for NaN, which the training loop reports
        return Clipped(norm, norm, False), None
    nn.utils.clip_grad_value_(parameters, limit)
    return Clipped(norm, nn.utils.get_total_norm(gradients).item(), True), None


Clipping = Callable[[Sequence[nn.Parameter], float], tuple[Clipped, Tensor | None]]
"""Function that clips the gradients of parameters at a limit, which may be infinite.

It returns the norms, and the number by which the optimizer must divide the gradients; None if they are clipped already.
"""

CLIPPINGS: Mapping[str, Clipping] = {"norm": _by_norm, "value": _by_value}
"""Dict from the name of a clipping in params.yaml to its function."""


def clipped_step(optimizers: Sequence[torch.optim.Optimizer], clip_by: str, limit: float) -> Clipped:
    """Clip the gradients of all weights, take a step of all optimizers, and return the norms of the gradient.

        norm:  g * min(1, limit / |g|), where |g| is the norm over all weights
        value: each component is moved into the interval from -limit to limit

    Clipping by norm keeps the direction of the gradient; clipping by value changes it.

    Args:
        optimizers: the optimizers of all weights.
        clip_by: a name in `CLIPPINGS`.
        limit: largest norm, or largest size of a component; 0 means no limit.

    Source: Pascanu et al. (2013), On the difficulty of training recurrent neural networks, for the norm; Mikolov
    (2012), Statistical language models based on neural networks, for the value.
    """
    parameters = [weight for each in optimizers for group in each.param_groups for weight in group["params"]]
    # Without a limit, the norm is computed nevertheless, because it is part of the history.
    clipped, divisor = CLIPPINGS[clip_by](parameters, limit or math.inf)
    for optimizer in optimizers:
        if optimizer.defaults.get("fused"):  # it divides the gradients while it reads them, as for torch's GradScaler
            optimizer.grad_scale = divisor  # type: ignore[attr-defined]
        elif divisor is not None:
            own = [weight.grad for group in optimizer.param_groups for weight in group["params"]]
            torch._foreach_div_([gradient for gradient in own if gradient is not None], divisor)
        optimizer.step()
    return clipped
