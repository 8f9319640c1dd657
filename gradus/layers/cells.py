"""Recurrent cells as the lecture's equations, and a stack of them that reads a whole chunk.

A cell's weights have the layout of torch's fused kernels, gates one below the other: `w` holds the W of
x_t and `u` the U of h_{t-1}. Each has a bias, as the kernels do; their sum is the equations' b. The two
differ only inside the GRU that resets after the product.
"""

import math
from abc import ABC, abstractmethod
from typing import Literal, cast

import torch
from torch import Tensor, nn

CellState = tuple[Tensor, ...]
"""(h,) or, for the LSTM, (h, c); each (B, H)."""


class Cell(nn.Module, ABC):
    """One step of a recurrence, given the input products W x_t + b of that step.

    A chunk's input products are made at once, before its steps, which cannot be.
    """

    def __init__(self, inputs: int, hidden: int, gates: int) -> None:
        super().__init__()
        self.w = nn.Linear(inputs, gates * hidden)
        self.u = nn.Linear(hidden, gates * hidden)
        self.hidden = hidden
        for weight in self.parameters():
            nn.init.uniform_(weight, -1 / math.sqrt(hidden), 1 / math.sqrt(hidden))  # as the fused kernels

    @abstractmethod
    def forward(self, wx: Tensor, state: CellState) -> CellState:
        """Return the state after one step; `wx` is W x_t + b, (B, gates * H)."""

    def read(self, x: Tensor, state: CellState) -> tuple[Tensor, CellState]:
        """Read a chunk, (B, T, E): return h at every step, (B, T, H), and the state after the last."""
        outputs = []
        for wx in self.w(x).unbind(dim=1):
            state = self(wx, state)
            outputs.append(state[0])
        return torch.stack(outputs, dim=1), state


class RNNCell(Cell):
    """h_t = f(W x_t + U h_{t-1} + b), f tanh or ReLU.

    Source: Elman (1990), Finding structure in time.
    """

    def __init__(self, inputs: int, hidden: int, nonlinearity: Literal["tanh", "relu"]) -> None:
        super().__init__(inputs, hidden, gates=1)
        self.f = torch.tanh if nonlinearity == "tanh" else torch.relu

    def forward(self, wx: Tensor, state: CellState) -> CellState:
        """Return (h_t,)."""
        (h,) = state
        return (self.f(wx + self.u(h)),)


class LSTMCell(Cell):
    """f, i, o = sigmoid(W x_t + U h_{t-1} + b), each with its own W, U, b
    c~_t = tanh(W_c x_t + U_c h_{t-1} + b_c)
    c_t  = f * c_{t-1} + i * c~_t
    h_t  = o * tanh(c_t)

    Source: Hochreiter and Schmidhuber (1997), with the forget gate of Gers et al. (2000).
    """

    def __init__(self, inputs: int, hidden: int) -> None:
        super().__init__(inputs, hidden, gates=4)

    def forward(self, wx: Tensor, state: CellState) -> CellState:
        """Return (h_t, c_t)."""
        h, c = state
        i, f, candidate, o = (wx + self.u(h)).chunk(4, dim=-1)  # the fused kernel's order
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(candidate)
        h = torch.sigmoid(o) * torch.tanh(c)
        return h, c


class GRUCell(Cell):
    """z, r  = sigmoid(W x_t + U h_{t-1} + b), each with its own W, U, b
    h~_t = tanh(W_h x_t + U_h (r * h_{t-1}) + b_h)        reset before the product
    h~_t = tanh(W_h x_t + r * (U_h h_{t-1} + b_u) + b_h)  reset after it
    h_t  = z * h_{t-1} + (1 - z) * h~_t

    Source: Cho et al. (2014) reset before the product; the fused kernels reset after it. Cho's z is
    ours; Chung et al. (2014) write 1 - z for it.
    """

    def __init__(self, inputs: int, hidden: int, reset: Literal["before", "after"]) -> None:
        super().__init__(inputs, hidden, gates=3)
        self.reset = reset

    def forward(self, wx: Tensor, state: CellState) -> CellState:
        """Return (h_t,)."""
        (h,) = state
        n = 2 * self.hidden  # the fused kernel's order: r, z, candidate
        if self.reset == "before":
            u_gates, u_candidate = self.u.weight[:n], self.u.weight[n:]
            b_gates, b_candidate = self.u.bias[:n], self.u.bias[n:]
            r, z = torch.sigmoid(wx[:, :n] + torch.addmm(b_gates, h, u_gates.t())).chunk(2, dim=-1)
            candidate = torch.tanh(wx[:, n:] + torch.addmm(b_candidate, r * h, u_candidate.t()))
        else:
            uh = self.u(h)
            r, z = torch.sigmoid(wx[:, :n] + uh[:, :n]).chunk(2, dim=-1)
            candidate = torch.tanh(wx[:, n:] + r * uh[:, n:])
        return (z * h + (1 - z) * candidate,)


class CellStack(nn.Module):
    """Cells one above the other, each reading the outputs of the one below; dropout between them."""

    def __init__(self, cells: list[Cell], dropout: float) -> None:
        super().__init__()
        self.cells = nn.ModuleList(cells)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor, state: tuple[Tensor, ...]) -> tuple[Tensor, tuple[Tensor, ...]]:
        """Read a chunk.

        Args:
            x: inputs (B, T, E).
            state: (h,) or (h, c), each (L, B, H), as the fused kernels have it.
        Returns:
            the top layer's h at every step, (B, T, H), and the state after the last.
        """
        finals: list[CellState] = []
        for layer, cell in enumerate(self.cells):
            x, final = cast(Cell, cell).read(self.dropout(x) if layer else x, tuple(part[layer] for part in state))
            finals.append(final)
        return x, tuple(torch.stack(parts) for parts in zip(*finals, strict=True))
