"""The simple recurrent network: the cell, and the settings of language models with this cell."""

from typing import ClassVar, Literal

import torch
from pydantic.dataclasses import dataclass
from torch import Tensor, nn

from gradus.interfaces.state import State
from gradus.layers.recurrence.cell import Cell
from gradus.layers.recurrence.config import Fused, RecurrentConfig
from gradus.params import STRICT

Nonlinearity = Literal["tanh", "relu"]


class RNNCell(Cell):
    """Cell of a simple recurrent network: `h_t = f(W x_t + U h_{t-1} + b)`, where `f` is tanh or ReLU.

    Source: Elman (1990), Finding structure in time.
    """

    gates = 1

    def __init__(self, inputs: int, hidden: int, nonlinearity: Nonlinearity = "tanh") -> None:
        super().__init__(inputs, hidden)
        self.f = torch.tanh if nonlinearity == "tanh" else torch.relu

    def forward(self, wx: Tensor, state: State) -> State:
        """Return (h_t,)."""
        (h,) = state
        return (self.f(wx + self.u(h)),)


@dataclass(frozen=True, kw_only=True, config=STRICT)
class RNNConfig(RecurrentConfig):
    """Settings of a recurrent language model with simple recurrent cells."""

    cell: ClassVar[type[Cell]] = RNNCell
    fused: ClassVar[Fused | None] = nn.RNN

    kind: Literal["rnn"]
    nonlinearity: Nonlinearity
    """f."""

    def consecutive(self, inputs: int, layers: int) -> nn.Module:
        """Build some layers with the option `nonlinearity`."""
        # Only nn.RNN has this option, so the inherited method cannot set it.
        return nn.RNN(
            inputs,
            self.hidden,
            layers,
            nonlinearity=self.nonlinearity,
            batch_first=True,
        )
