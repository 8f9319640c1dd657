"""The memory that a network's weights need, known before they are drawn."""

import copy
from collections.abc import Callable
from dataclasses import fields
from typing import TypeVar

from torch import nn

from gradus.memory import require_memory
from gradus.runtime import weightless

Config = TypeVar("Config")

BEYOND = 2**70
"""Bytes of a network whose tensors are larger than torch can number."""


def require_weights_memory(config: Config, build: Callable[[Config], nn.Module]) -> None:
    """Refuse a network whose weights alone do not fit.

    Args:
        config: the network's settings.
        build: makes the network.
    Raises:
        InputError: names the size that is too large, the largest of all first, and what fits.
    """
    sizes = {field.name: getattr(config, field.name) for field in fields(config)}  # type: ignore[arg-type]
    numbers = [name for name, size in sizes.items() if type(size) is int]
    names = sorted(numbers, key=sizes.__getitem__, reverse=True)

    def needed(*values: int) -> int:
        return weight_bytes(_with(config, **dict(zip(names, values, strict=True))), build)

    require_memory({f"network.{name}": sizes[name] for name in names}, needed)


def weight_bytes(config: Config, build: Callable[[Config], nn.Module]) -> int:
    """Return the bytes of a network's weights, from networks without memory.

    Every layer but the first takes the same, so one and two layers tell how much a thousand take.
    """
    layers = getattr(config, "layers", 1)
    if layers <= 2:
        return _meta_bytes(config, build)
    one, two = (_meta_bytes(_with(config, layers=count), build) for count in (1, 2))
    return one + (layers - 1) * (two - one)


def _meta_bytes(config: Config, build: Callable[[Config], nn.Module]) -> int:
    try:
        with weightless():
            model = build(config)
    except RuntimeError:  # Storage size calculation overflowed
        return BEYOND
    return sum(tensor.nbytes for tensor in [*model.parameters(), *model.buffers()])


def _with(config: Config, **sizes: int) -> Config:
    """Return a copy with other sizes, unchecked: a width need not be a multiple of anything to be weighed."""
    changed = copy.copy(config)
    for name, size in sizes.items():
        object.__setattr__(changed, name, size)
    return changed
