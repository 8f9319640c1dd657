"""The hidden state that a language model carries from one chunk to the next, as a part of a checkpoint."""

from typing import Protocol

import torch
from torch import Tensor

from gradus.interfaces.language_model import LanguageModel
from gradus.interfaces.state import State
from gradus.training.checkpoint import DamagedError
from gradus.training.data_parallel import gathered, share
from gradus.training.optim import TrainingConfig
from gradus.training.parts import Saved, is_finite


class Carrier(Protocol):
    """A training whose chunks begin with the final state of the previous chunk."""

    model: LanguageModel
    state: State
    """Final state of the last chunk; empty before the first chunk."""

    @property
    def config(self) -> TrainingConfig:
        """Settings of the training."""
        ...

    @property
    def n_lanes(self) -> int:
        """B, number of rows of the state."""
        ...


class CarriedState:
    """The state after the last chunk, as a `Part`. Its tensors are named by their positions in the state.

    A value of the part is the order of a tensor's dimensions in memory, because kernels may compute other bytes for
    another order. A tensor is saved with its dimensions in this order.
    """

    def __init__(self, carrier: Carrier) -> None:
        self.carrier = carrier

    def save(self) -> Saved:
        """See `Part.save`."""
        state = {str(number): tensor for number, tensor in enumerate(self.carrier.state)}
        orders = {name: _memory_order(tensor) for name, tensor in state.items()}
        return Saved({name: gathered(tensor).permute(orders[name]) for name, tensor in state.items()}, orders)

    def check(self, saved: Saved) -> None:
        """See `Part.check`. A dimension that is empty in the initial state grows up to the window of the model."""
        model = self.carrier.model
        wanted = model.initial_state(self.carrier.n_lanes)
        names = {str(number) for number in range(len(wanted))}
        if not names == saved.tensors.keys() == saved.values.keys():
            raise DamagedError("the carried state has wrong parts")
        lengths = set[int]()
        for number, first in enumerate(wanted):
            tensor = _ordered(saved.tensors[str(number)], saved.values[str(number)])
            lengths |= self._grown(tensor, first)
            if not (is_finite(tensor) if tensor.is_floating_point() else _are_tokens(tensor, model.vocabulary_size)):
                raise DamagedError("the carried state has impossible values")
        if lengths and not (len(lengths) == 1 and 0 < min(lengths) <= (model.window or 0)):
            raise DamagedError("the carried state has a wrong length")

    def restore(self, saved: Saved) -> None:
        """See `Part.restore`."""
        device = next(self.carrier.model.parameters()).device
        names = map(str, range(len(saved.tensors)))
        state = []
        for name in names:
            order = saved.values[name]
            own = _rows(saved.tensors[name], order.index(0), share(self.carrier.n_lanes))
            state.append(_ordered(own.to(device), order))
        self.carrier.state = tuple(state)

    def _grown(self, tensor: Tensor, first: Tensor) -> set[int]:
        """Return the sizes of the dimensions that are empty in the initial state; refuse other differences."""
        reduced = first.is_floating_point() and self.carrier.config.precision == "bfloat16"
        dtypes = (first.dtype, torch.bfloat16) if reduced else (first.dtype,)
        pairs = list(zip(tensor.shape, first.shape, strict=False))
        if tensor.dtype not in dtypes or tensor.dim() != first.dim() or any(a != b for a, b in pairs if b):
            raise DamagedError("the carried state has a wrong shape or type")
        return {size for size, begin in pairs if not begin}


def _memory_order(tensor: Tensor) -> list[int]:
    """Return the dimensions of a tensor, with the largest distance in memory first."""
    return sorted(range(tensor.dim()), key=tensor.stride, reverse=True)


def _ordered(saved: Tensor, order: object) -> Tensor:
    """Move the dimensions of a saved tensor to their places, without a change in memory."""
    dims = range(saved.dim())
    if not isinstance(order, list) or len(order) != len(dims) or any(dim not in order for dim in dims):
        raise DamagedError("the carried state has a wrong order")
    return saved.permute([order.index(dim) for dim in dims])


def _rows(tensor: Tensor, dim: int, rows: slice) -> Tensor:
    return tensor.narrow(dim, rows.start, rows.stop - rows.start).contiguous()


def _are_tokens(tensor: Tensor, vocabulary_size: int) -> bool:
    return bool(((tensor >= 0) & (tensor < vocabulary_size)).all())
