"""Clipping of gradients, by their norm or by the value of each component."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from torch import nn


@dataclass(frozen=True)
class Clipped:
    """Global norms of one gradient, before and after clipping."""

    norm: float
    """Global norm before clipping."""
    clipped_norm: float
    """Global norm after clipping."""
    clipped: bool
    """Whether clipping changed the gradient."""


def _by_norm(parameters: Sequence[nn.Parameter], limit: float) -> Clipped:
    norm = nn.utils.clip_grad_norm_(parameters, limit).item()
    return Clipped(norm, min(norm, limit), norm > limit)


def _by_value(parameters: Sequence[nn.Parameter], limit: float) -> Clipped:
    gradients = [parameter.grad for parameter in parameters if parameter.grad is not None]
    norm = nn.utils.get_total_norm(gradients).item()
    largest = max(gradient.abs().max().item() for gradient in gradients)
    if not largest > limit:  # also for NaN, which the training loop reports
        return Clipped(norm, norm, False)
    nn.utils.clip_grad_value_(parameters, limit)
    return Clipped(norm, nn.utils.get_total_norm(gradients).item(), True)


Clipping = Callable[[Sequence[nn.Parameter], float], Clipped]
"""Function that clips the gradients of parameters in place, at a limit that may be infinite."""

CLIPPINGS: Mapping[str, Clipping] = {"norm": _by_norm, "value": _by_value}
"""Dict from the name of a clipping in params.yaml to its function."""


def clip_gradient(model: nn.Module, clip_by: str, limit: float) -> Clipped:
    """Clip the gradient of all weights of a model in place, and return its norms.

        norm:  g * min(1, limit / |g|), where |g| is the norm over all weights
        value: each component is moved into the interval from -limit to limit

    Clipping by norm keeps the direction of the gradient; clipping by value changes it.

    Args:
        model: a model with gradients.
        clip_by: a name in `CLIPPINGS`.
        limit: largest norm, or largest size of a component; 0 means no limit.

    Source: Pascanu et al. (2013), On the difficulty of training recurrent neural networks, for the norm; Mikolov
    (2012), Statistical language models based on neural networks, for the value.
    """
    # Without a limit, the norm is computed nevertheless, because it is part of the history.
    return CLIPPINGS[clip_by](list(model.parameters()), limit or math.inf)
