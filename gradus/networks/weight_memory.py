"""Refuse a network whose weights do not fit into memory, before any are drawn."""

import copy
from collections.abc import Callable
from dataclasses import fields
from typing import TypeVar

from torch import nn

from gradus.memory import require_memory
from gradus.runtime import weightless

Config = TypeVar("Config")

BEYOND = 2**70
"""Bytes assumed for a network with a tensor whose size overflows torch's counter."""


def require_weights_memory(config: Config, build: Callable[[Config], nn.Module]) -> None:
    """Refuse a network whose weights alone do not fit.

    Args:
        config: the network's settings, a dataclass.
        build: makes the network from settings.
    Raises:
        InputError: names a size that is too large, and the largest value that fits. The largest size is tried first.
    """
    sizes = {field.name: getattr(config, field.name) for field in fields(config)}  # type: ignore[arg-type]
    numbers = [name for name, size in sizes.items() if type(size) is int]
    names = sorted(numbers, key=sizes.__getitem__, reverse=True)

    def needed(*values: int) -> int:
        return weight_bytes(_with(config, **dict(zip(names, values, strict=True))), build)

    require_memory({f"network.{name}": sizes[name] for name in names}, needed)


def weight_bytes(config: Config, build: Callable[[Config], nn.Module]) -> int:
    """Return the bytes of a network's weights; nothing is allocated.

    All layers but the first have the same size, so networks of one and two layers give the bytes of any number of
    layers. Building a thousand layers would take seconds.
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
    """Copy settings with other sizes. Nothing is validated: this width need not be a multiple of the heads."""
    changed = copy.copy(config)
    for name, size in sizes.items():
        object.__setattr__(changed, name, size)
    return changed
