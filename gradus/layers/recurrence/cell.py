"""Recurrent cells, and stacks of cells."""

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import ClassVar, cast

import torch
from torch import Tensor, nn

from gradus.interfaces.state import State


class Cell(nn.Module, ABC):
    """Recurrent cell: it computes the next state from the last state and from `W x_t + b`.

    The sum `W x_t + b` does not depend on the state, so a layer computes it for all positions of a chunk at once. The
    rest of the equations is computed position by position.

    The weights have the same layout as in torch's fused modules, such as `nn.LSTM`: the matrices of all gates are
    stacked vertically. The layer `w` holds the matrices W of `x_t`; the layer `u` holds the matrices U of `h_{t-1}`.
    Both layers have a bias; `b` in the equations is the sum of both biases.
    """

    gates: ClassVar[int]
    """Number of matrices W in the equations of the cell."""
    recurrent: ClassVar[bool] = True
    """Whether the equations of the cell have matrices U, which multiply `h_{t-1}`."""
    states: ClassVar[int] = 1
    """Number of state tensors, each (B, H): 1 for h, 2 for h and c."""

    def __init__(self, inputs: int, hidden: int) -> None:
        super().__init__()
        self.w = nn.Linear(inputs, self.gates * hidden)
        if self.recurrent:
            self.u = nn.Linear(hidden, self.gates * hidden)
        self.hidden = hidden
        for weight in self.parameters():  # the initial weights of torch's fused modules
            nn.init.uniform_(weight, -1 / math.sqrt(hidden), 1 / math.sqrt(hidden))

    @abstractmethod
    def forward(self, wx: Tensor, state: State) -> State:
        """Return the state at position t from the state at position t - 1. `wx` is `W x_t + b`, (B, gates * H)."""

    def run(self, x: Tensor, state: State) -> tuple[Tensor, State]:
        """Run the cell over a chunk x, (B, T, E); return h at every position, (B, T, H), and the last state."""
        outputs = []
        for wx in self.w(x).unbind(dim=1):
            state = self(wx, state)
            outputs.append(state[0])
        return torch.stack(outputs, dim=1), state


class CellStack(nn.Module):
    """Stack of recurrent cells.

    A call takes and returns the same tensors as a call of torch's fused modules, with one difference: if the state is
    only `h`, it is the tuple `(h,)`.
    """

    def __init__(self, cells: Sequence[Cell]) -> None:
        super().__init__()
        self.cells = nn.ModuleList(cells)

    def forward(self, x: Tensor, state: State | None = None) -> tuple[Tensor, State]:
        """Run the stack over a chunk.

        Args:
            x: inputs, (B, T, E).
            state: initial state, `(h,)` or `(h, c)`; each tensor is (L, B, H). None means zeros.
        Returns:
            First, `h` of the top layer at every position, (B, T, H). Second, the last state.
        """
        cells = cast(list[Cell], list(self.cells))
        if state is None:
            state = (x.new_zeros(len(cells), x.shape[0], cells[0].hidden),) * cells[0].states
        finals: list[State] = []
        for layer, cell in enumerate(cells):
            x, final = cell.run(x, tuple(part[layer] for part in state))
            finals.append(final)
        return x, tuple(torch.stack(parts) for parts in zip(*finals, strict=True))
