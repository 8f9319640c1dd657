"""A recurrent cell, layers of cells, and how to run them or torch's fused modules over a chunk."""

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import ClassVar, cast

import torch
from torch import Tensor, nn

from gradus.interfaces.state import State


class Cell(nn.Module, ABC):
    """One step of a recurrence, given the product W x_t + b of that step.

    A layer computes W x_t + b for all steps of a chunk at once; only the rest of a step waits for the step before.

    The weights are laid out as in torch's fused modules, one gate below the other: `w` holds W and `u` holds U, the
    matrix of h_{t-1}. Both have a bias, as in the fused modules; b in the equations is their sum.
    """

    gates: ClassVar[int]
    """Number of matrices W."""
    recurrent: ClassVar[bool] = True
    """Whether the cell has matrices U."""
    states: ClassVar[int] = 1
    """Number of state tensors, each (B, H): h, or h and c."""

    def __init__(self, inputs: int, hidden: int) -> None:
        super().__init__()
        self.w = nn.Linear(inputs, self.gates * hidden)
        if self.recurrent:
            self.u = nn.Linear(hidden, self.gates * hidden)
        self.hidden = hidden
        for weight in self.parameters():
            nn.init.uniform_(weight, -1 / math.sqrt(hidden), 1 / math.sqrt(hidden))  # as the fused modules

    @abstractmethod
    def forward(self, wx: Tensor, state: State) -> State:
        """Return the state after one step; `wx` is W x_t + b, (B, gates * H)."""

    def run(self, x: Tensor, state: State) -> tuple[Tensor, State]:
        """Run over a chunk, (B, T, E); return h of every step, (B, T, H), and the last state."""
        outputs = []
        for wx in self.w(x).unbind(dim=1):
            state = self(wx, state)
            outputs.append(state[0])
        return torch.stack(outputs, dim=1), state


class CellStack(nn.Module):
    """Layers of cells, with dropout between them. It is called like torch's fused modules, but h alone is a tuple."""

    def __init__(self, cells: Sequence[Cell], dropout: float) -> None:
        super().__init__()
        self.cells = nn.ModuleList(cells)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        """Run over a chunk.

        Args:
            x: inputs (B, T, E).
            state: (h,) or (h, c), each (L, B, H); None for zeros.
        Returns:
            h of the top layer at every step, (B, T, H), and the last state.
        """
        cells = cast(list[Cell], list(self.cells))
        if state is None:
            state = (x.new_zeros(len(cells), x.shape[0], cells[0].hidden),) * cells[0].states
        finals: list[State] = []
        for layer, cell in enumerate(cells):
            x, final = cell.run(self.dropout(x) if layer else x, tuple(part[layer] for part in state))
            finals.append(final)
        return x, tuple(torch.stack(parts) for parts in zip(*finals, strict=True))


def run_layers(layers: nn.Module, x: Tensor, state: State) -> tuple[Tensor, State]:
    """Run a `CellStack` or a fused module over a chunk, from and to a tuple of states.

    Args:
        layers: batch first.
        x: inputs (B, T, E).
        state: (h,) or (h, c), each (L, B, H).
    Returns:
        h of the top layer at every step, (B, T, H), and the last state.
    """
    if isinstance(layers, nn.RNNBase) and len(state) == 1:  # nn.RNN and nn.GRU take and return a tensor h
        outputs, h = layers(x, state[0])
        return outputs, (h,)
    outputs, final = layers(x, state)
    return outputs, final
