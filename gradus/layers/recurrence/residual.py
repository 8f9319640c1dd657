"""Recurrent layers with residual connections."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from gradus.interfaces.state import State
from gradus.layers.recurrence.run import run_layers


class ResidualStack(nn.Module):
    """Stack of recurrent layers that add their inputs to their outputs, with dropout between the layers.

        y_l = x_l + h_l    if both have the same width, else y_l = h_l
        x_{l+1} = y_l

    Only the inputs of the recurrence have dropout; the inputs that are added do not. The state contains `h_l`, not
    `y_l`. A call takes and returns the same tensors as a call of `CellStack`.

    Source: Wu et al. (2016), Google's neural machine translation system, section 3.1, for stacked LSTMs. The connection
    is that of He et al. (2016), Deep residual learning for image recognition.
    """

    def __init__(self, layers: Sequence[nn.Module], dropout: float) -> None:
        super().__init__()
        self.layers = nn.ModuleList(layers)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor, state: State) -> tuple[Tensor, State]:
        """Run the stack over a chunk.

        Args:
            x: inputs, (B, T, E).
            state: initial state, `(h,)` or `(h, c)`; each tensor is (L, B, H).
        Returns:
            First, `y` of the top layer at every position, (B, T, H). Second, the last state.
        """
        finals: list[State] = []
        for number, layer in enumerate(self.layers):
            own = tuple(part[number : number + 1] for part in state)  # (1, B, H)
            h, final = run_layers(layer, self.dropout(x) if number else x, own)
            x = x + h if x.shape == h.shape else h
            finals.append(final)
        return x, tuple(torch.cat(parts) for parts in zip(*finals, strict=True))
