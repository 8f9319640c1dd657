"""Refuse a network whose weights do not fit into memory, before the weights are allocated."""

import copy
from collections.abc import Callable
from dataclasses import fields
from typing import TypeVar

from torch import nn

from gradus.memory import require_memory
from gradus.runtime import weightless

Config = TypeVar("Config")

BEYOND = 2**70
"""Assumed size of a network in bytes, if one of its tensors is so large that torch cannot count the bytes."""


def require_weights_memory(config: Config, build: Callable[[Config], nn.Module]) -> None:
    """Refuse a network whose weights do not fit into memory.

    Args:
        config: settings of the network, a dataclass.
        build: function that builds the network from settings.
    Raises:
        InputError: if the weights do not fit. The error names the largest setting for which a lower value
            is enough, and the largest value that fits.
    """
    sizes = {field.name: getattr(config, field.name) for field in fields(config)}  # type: ignore[arg-type]
    numbers = [name for name, size in sizes.items() if type(size) is int]  # `isinstance` would accept bool
    # The largest size is tried first, because it is the most likely mistake.
    names = sorted(numbers, key=sizes.__getitem__, reverse=True)

    def needed(*values: int) -> int:
        return weight_bytes(_with(config, **dict(zip(names, values, strict=True))), build)

    require_memory({f"network.{name}": sizes[name] for name in names}, needed)


def weight_bytes(config: Config, build: Callable[[Config], nn.Module]) -> int:
    """Return the number of bytes of a network's weights, without allocating them.

    All layers after the first have the same size. So the sizes of networks with one layer and with two layers determine
    the size of a network with more layers. Building all layers would be slow: a thousand layers take seconds.
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
    except RuntimeError:  # torch: Storage size calculation overflowed
        return BEYOND
    return sum(tensor.nbytes for tensor in [*model.parameters(), *model.buffers()])


def _with(config: Config, **sizes: int) -> Config:
    """Copy settings, and change sizes in the copy. No validation follows, so `heads` need not divide the width."""
    changed = copy.copy(config)
    for name, size in sizes.items():
        object.__setattr__(changed, name, size)  # the dataclass is frozen, and `replace` would validate
    return changed
