"""Long short-term memory (LSTM): the cell, and the settings of language models with this cell."""

from typing import ClassVar, Literal

import torch
from pydantic.dataclasses import dataclass
from torch import Tensor, nn

from gradus.interfaces.state import State
from gradus.layers.recurrence.cell import Cell
from gradus.layers.recurrence.config import Fused, RecurrentConfig
from gradus.params import STRICT


class LSTMCell(Cell):
    """Long short-term memory (LSTM).

    f    = sigmoid(W_f x_t + U_f h_{t-1} + b_f)
    i    = sigmoid(W_i x_t + U_i h_{t-1} + b_i)
    o    = sigmoid(W_o x_t + U_o h_{t-1} + b_o)
    c~_t = tanh(W_c x_t + U_c h_{t-1} + b_c)
    c_t  = f * c_{t-1} + i * c~_t
    h_t  = o * tanh(c_t)

    Source: Hochreiter and Schmidhuber (1997), with the forget gate of Gers et al. (2000).
    """

    gates = 4
    states = 2

    def forward(self, wx: Tensor, state: State) -> State:
        """Return (h_t, c_t)."""
        h, c = state
        i, f, candidate, o = (wx + self.u(h)).chunk(4, dim=-1)  # the fused module's order
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(candidate)
        h = torch.sigmoid(o) * torch.tanh(c)
        return h, c


@dataclass(frozen=True, kw_only=True, config=STRICT)
class LSTMConfig(RecurrentConfig):
    """Settings of a recurrent language model with LSTM cells."""

    cell: ClassVar[type[Cell]] = LSTMCell
    fused: ClassVar[Fused | None] = nn.LSTM

    kind: Literal["lstm"]
