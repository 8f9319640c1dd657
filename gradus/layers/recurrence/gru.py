"""The gated recurrent unit (GRU): the cell, and the settings of language models with this cell."""

from functools import partial
from typing import ClassVar, Literal

import torch
from pydantic.dataclasses import dataclass
from torch import Tensor, nn

from gradus.interfaces.state import State
from gradus.layers.recurrence.cell import Cell
from gradus.layers.recurrence.config import Fused, RecurrentConfig
from gradus.params import STRICT

Reset = Literal["before", "after"]


class GRUCell(Cell):
    """Gated recurrent unit (GRU), with two variants of the candidate `h~_t`.

    z    = sigmoid(W_z x_t + U_z h_{t-1} + b_z)
    r    = sigmoid(W_r x_t + U_r h_{t-1} + b_r)
    h~_t = tanh(W_h x_t + U_h (r * h_{t-1}) + b_h)          if `reset` is `before`
    h~_t = tanh(W_h x_t + r * (U_h h_{t-1} + b_u) + b_h)    if `reset` is `after`
    h_t  = z * h_{t-1} + (1 - z) * h~_t

    Source: Cho et al. (2014), who apply the reset gate `r` before the product with `U_h`. torch's fused module applies
    it after the product. The gate `z` has the same meaning as in Cho et al.; Chung et al. (2014) write `1 - z` for it.
    """

    gates = 3

    def __init__(self, inputs: int, hidden: int, reset: Reset = "after") -> None:
        super().__init__(inputs, hidden)
        self.reset = reset

    def forward(self, wx: Tensor, state: State) -> State:
        """Return (h_t,)."""
        (h,) = state
        n = 2 * self.hidden  # the fused module's order: r, z, candidate
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


@dataclass(frozen=True, kw_only=True, config=STRICT)
class GRUConfig(RecurrentConfig):
    """Settings of a recurrent language model with GRU cells."""

    cell: ClassVar[type[Cell]] = GRUCell
    fused: ClassVar[Fused | None] = nn.GRU

    kind: Literal["gru"]
    reset: Reset
    """Whether the reset gate multiplies `h_{t-1}` before or after the product with `U_h`."""

    @property
    def is_fused(self) -> bool:
        """True if the reset gate comes after the product, as torch's fused module always has it."""
        return self.reset == "after"

    def consecutive(self, inputs: int, layers: int) -> nn.Module:
        """Build some layers with the option `reset`."""
        if self.is_fused:
            return super().consecutive(inputs, layers)
        return self.stack(partial(GRUCell, reset="before"), inputs, layers)
