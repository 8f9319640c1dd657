"""Settings that all recurrent language models share, and functions that build layers from these settings."""

from collections.abc import Callable
from typing import Annotated, ClassVar

from pydantic import Field
from pydantic.dataclasses import dataclass
from torch import nn

from gradus.choices import NameOf
from gradus.layers.dropout import Dropout, dropout_module, sites
from gradus.layers.recurrence.cell import Cell, CellStack
from gradus.layers.recurrence.initial import INITIAL_WEIGHTS
from gradus.layers.recurrence.layer_stack import LayerStack, Skip
from gradus.layers.recurrence.weight_drop import WeightDrop
from gradus.params import STRICT

Fused = type[nn.RNN] | type[nn.GRU] | type[nn.LSTM]


@dataclass(frozen=True, kw_only=True, config=STRICT)
class RecurrentConfig:
    """Settings of a recurrent language model. A subclass for each cell adds `kind` and the options of this cell."""

    cell: ClassVar[type[Cell]]
    """Class of the cell. With default options, the cell has the equations of torch's fused module, if there is one."""
    fused: ClassVar[Fused | None] = None
    """Class of torch's fused module, which computes all layers in one call. None if torch has none for this cell."""

    embedding: Annotated[int, Field(ge=1, le=10**9)]
    """E, width of the embeddings."""
    hidden: Annotated[int, Field(ge=1, le=10**9)]
    """H, width of the state."""
    layers: Annotated[int, Field(ge=1, le=1000)]
    """L, number of layers."""
    dropout: Dropout
    """Dropout rate after the embedding and after every layer, or the rates of all sites; see `SiteDropout`."""
    tied: bool
    """Whether the embedding and the output layer share one matrix."""
    initial: Annotated[str, NameOf(INITIAL_WEIGHTS)]
    """Distribution of the initial weights of the recurrent layers."""
    skip: Skip
    """Connections that skip layers; see `LayerStack`."""

    def __post_init__(self) -> None:
        if self.initial != "uniform" and not self.cell.recurrent:
            raise ValueError("initial: uniform for a cell without recurrent matrices")
        if self.skip == "residual" and self.layers == 1 and self.embedding != self.hidden:
            raise ValueError("skip: none, 2 or more layers, or embedding equal to hidden, so that inputs can be added")
        if self.skip == "output" and self.layers == 1:
            raise ValueError("skip: none, or 2 or more layers, so that there are several outputs")
        if sites(self.dropout).recurrent and not self.is_fused:
            raise ValueError("dropout.recurrent: 0 for a cell that is no module of torch")

    @property
    def is_fused(self) -> bool:
        """True if a module of torch computes the layers with these options."""
        return self.fused is not None

    @classmethod
    def layer(cls, inputs: int, hidden: int) -> nn.Module:
        """Build one layer of this cell with default options. The first dimension of its inputs is the batch."""
        if cls.fused is None:
            return CellStack([cls.cell(inputs, hidden)])
        return cls.fused(inputs, hidden, batch_first=True)

    def recurrence(self) -> nn.Module:
        """Build all layers. The first dimension of their inputs is the batch."""
        rates = sites(self.dropout)
        if self.skip == "none" and not rates.recurrent and (self.layers == 1 or not rates.hidden):
            layers = self.consecutive(self.embedding, self.layers)
        else:
            widths = [self.embedding, *[self.hidden] * (self.layers - 1)]
            between = dropout_module(self.dropout, rates.hidden)
            layers = LayerStack([self._single(width) for width in widths], between, self.skip)
        INITIAL_WEIGHTS[self.initial](layers)
        return layers

    def _single(self, inputs: int) -> nn.Module:
        """Build one layer with the options of the cell, and with dropout of its recurrent weights."""
        layer, rate = self.consecutive(inputs, 1), sites(self.dropout).recurrent
        return WeightDrop(layer, rate) if rate and isinstance(layer, nn.RNNBase) else layer

    def consecutive(self, inputs: int, layers: int) -> nn.Module:
        """Build some layers with the options of the cell, without dropout and without connections that skip layers."""
        if self.fused is None:
            return self.stack(self.cell, inputs, layers)
        return self.fused(inputs, self.hidden, layers, batch_first=True)

    def stack(self, cell: Callable[[int, int], Cell], inputs: int, layers: int) -> CellStack:
        """Build some layers from cells instead of a fused module."""
        widths = [inputs, *[self.hidden] * (layers - 1)]
        return CellStack([cell(width, self.hidden) for width in widths])
