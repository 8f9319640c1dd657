"""Settings that the language models of all recurrent cells share, and how they build their layers."""

from collections.abc import Callable
from typing import Annotated, ClassVar

from pydantic import Field
from pydantic.dataclasses import dataclass
from torch import nn

from gradus.layers.recurrence.cell import Cell, CellStack
from gradus.params import STRICT

Fused = type[nn.RNN] | type[nn.GRU] | type[nn.LSTM]


@dataclass(frozen=True, kw_only=True, config=STRICT)
class RecurrentConfig:
    """Settings of a recurrent language model. Every cell has a subclass with its `kind` and its own options."""

    cell: ClassVar[type[Cell]]
    """The cell; `cell(inputs, hidden)` has default options, those of `fused`."""
    fused: ClassVar[Fused | None] = None
    """torch's module for whole chunks, if there is one."""

    embedding: Annotated[int, Field(ge=1, le=10**9)]
    """E, width of the embeddings."""
    hidden: Annotated[int, Field(ge=1, le=10**9)]
    """H, width of the state."""
    layers: Annotated[int, Field(ge=1, le=1000)]
    """L, number of layers."""
    dropout: Annotated[float, Field(ge=0, lt=1)]
    """Dropout of embeddings, between layers, and of the top layer's h."""
    tied: bool
    """Whether the output layer uses the embedding matrix."""

    @classmethod
    def layer(cls, inputs: int, hidden: int) -> nn.Module:
        """Build one layer of this cell with default options, batch first."""
        if cls.fused is None:
            return CellStack([cls.cell(inputs, hidden)], dropout=0.0)
        return cls.fused(inputs, hidden, batch_first=True)

    def recurrence(self) -> nn.Module:
        """Build all layers with the options of this configuration, batch first."""
        if self.fused is None:
            return self.stack(self.cell)
        return self.fused(self.embedding, self.hidden, self.layers, batch_first=True, dropout=self.dropout_between)

    def stack(self, cell: Callable[[int, int], Cell]) -> CellStack:
        """Build all layers from cells, without a fused module."""
        widths = [self.embedding, *[self.hidden] * (self.layers - 1)]
        return CellStack([cell(width, self.hidden) for width in widths], self.dropout_between)

    @property
    def dropout_between(self) -> float:
        """Dropout between layers: 0 for a single layer, where torch would warn of any other."""
        return self.dropout if self.layers > 1 else 0.0
