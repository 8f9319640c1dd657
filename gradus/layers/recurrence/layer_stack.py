"""Stacks of recurrent layers with connections that skip layers."""

from collections.abc import Sequence
from typing import Literal

import torch
from torch import Tensor, nn

from gradus.interfaces.state import State
from gradus.layers.recurrence.run import run_layers

Skip = Literal["none", "residual", "output"]
"""Connections that skip layers: none; from the inputs of every layer to its outputs; from every layer to the output."""


class LayerStack(nn.Module):
    """Stack of recurrent layers with dropout between the layers, called like a `CellStack`.

        none:     y_l = h_l
        residual: y_l = x_l + h_l    if both have the same width, else y_l = h_l
        output:   y_l = h_l, and the features are the sum of all h_l

    The input of the next layer is `x_{l+1} = dropout(y_l)`. With `residual`, the input that is added has no dropout.
    The state contains `h_l`, not `y_l`.

    Source: Wu et al. (2016), Google's neural machine translation system, section 3.1, for residual connections, which
    are those of He et al. (2016); Melis et al. (2018), On the state of the art of evaluation in neural language models,
    for the sum of all outputs.
    """

    def __init__(self, layers: Sequence[nn.Module], dropout: nn.Module, skip: Skip) -> None:
        super().__init__()
        self.layers = nn.ModuleList(layers)
        self.dropout = dropout
        self.skip = skip

    def forward(self, x: Tensor, state: State) -> tuple[Tensor, State]:
        """Run the stack over a chunk.

        Args:
            x: inputs, (B, T, E).
            state: initial state, `(h,)` or `(h, c)`; each tensor is (L, B, H).
        Returns:
            First, the features of every position, (B, T, H). Second, the last state.
        """
        finals: list[State] = []
        outputs: list[Tensor] = []
        for number, layer in enumerate(self.layers):
            own = tuple(part[number : number + 1] for part in state)  # (1, B, H)
            h, final = run_layers(layer, self.dropout(x) if number else x, own)
            x = x + h if self.skip == "residual" and x.shape == h.shape else h
            outputs.append(x)
            finals.append(final)
        features = torch.stack(outputs).sum(dim=0) if self.skip == "output" else x
        return features, tuple(torch.cat(parts) for parts in zip(*finals, strict=True))
