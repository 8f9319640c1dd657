"""Refuse a network whose weights do not fit into memory, before the weights are allocated."""

import copy
from collections.abc import Callable
from dataclasses import fields
from typing import TypeVar

from torch import nn

from gradus.memory import VOCABULARY, require_memory
from gradus.runtime import weightless
from gradus.text.special import SPECIAL

Config = TypeVar("Config")

BEYOND = 2**70
"""Assumed size of a network in bytes, if one of its tensors is so large that torch cannot count the bytes."""


def require_weights_memory(config: Config, build: Callable[[Config, int], nn.Module], vocabulary_size: int) -> None:
    """Refuse a network whose weights do not fit into memory.

    Args:
        config: settings of the network, a dataclass.
        build: function that builds the network from settings and from the size of the vocabulary.
        vocabulary_size: V.
    Raises:
        InputError: if the weights do not fit. The error names the largest size (setting or vocabulary) for which a
            lower value is enough, and the largest value that fits.
    """
    values = {f"network.{field.name}": getattr(config, field.name) for field in fields(config)}  # type: ignore[arg-type]
    sizes = {name: size for name, size in values.items() if type(size) is int}  # `isinstance` would accept bool
    sizes[VOCABULARY] = vocabulary_size
    # The largest size is tried first, because it is the most likely mistake.
    asked = dict(sorted(sizes.items(), key=lambda item: item[1], reverse=True))

    def needed(*smaller: int) -> int:
        chosen = {name.removeprefix("network."): size for name, size in zip(asked, smaller, strict=True)}
        vocabulary = max(len(SPECIAL), chosen.pop(VOCABULARY))
        return weight_bytes(_with(config, **chosen), lambda other: build(other, vocabulary))

    require_memory(asked, needed)


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
