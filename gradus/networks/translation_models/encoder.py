"""The recurrent encoder: one or two directions over a padded source, packed or not."""

from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from gradus.layers.recurrence.table import CELLS


class Reverse(torch.autograd.Function):
    """Reverse the first `length` positions of every row; padding stays in place.

    The permutation is its own inverse, so the gradient is the gradient reversed in the same way. The gradient of
    `gather` is a scatter, which is slower and, on a GPU, not deterministic.
    """

    @staticmethod
    def forward(ctx: Any, states: Tensor, lengths: Tensor) -> Tensor:
        """Reverse row b of states, (B, S, D), in its first `lengths[b]` positions."""
        position = torch.arange(states.shape[1], device=states.device)
        mirrored = lengths[:, None] - 1 - position  # (B, S)
        index = torch.where(mirrored >= 0, mirrored, position)[:, :, None]
        ctx.save_for_backward(index)
        return states.gather(1, index.expand_as(states))

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        """Reverse the gradient."""
        (index,) = ctx.saved_tensors
        return gradient.gather(1, index.expand_as(gradient)), None


def reverse(states: Tensor, lengths: Tensor) -> Tensor:
    """Reverse every row of states, (B, S, D), within its length; see `Reverse`."""
    return cast(Tensor, Reverse.apply(states, lengths))  # type: ignore[no-untyped-call]


class Encoder(nn.Module):
    """Layers of recurrence over the source.

    h_t = f(x_t, h_{t-1}); with two directions h_t = [forward_t ; backward_t], each half as wide.

    The backward direction starts at the last token of every row, so that in both directions padding comes after all
    tokens and changes no state before it. Packing leaves out the computation at padding; loss and gradients stay the
    same up to rounding.

    Source: Schuster and Paliwal (1997), Bidirectional recurrent neural networks.
    """

    def __init__(self, cell: str, inputs: int, hidden: int, *, layers: int, directions: int) -> None:
        """Draw the weights.

        Args:
            cell: a name of `CELLS`.
            inputs: E, width of the embeddings.
            hidden: H, width of a layer's output, a multiple of `directions`.
            layers: number of layers.
            directions: 1 or 2.
        """
        super().__init__()
        widths = [inputs] + [hidden] * (layers - 1)
        self.layers = nn.ModuleList(
            nn.ModuleList(CELLS[cell].layer(width, hidden // directions) for _ in range(directions)) for width in widths
        )

    def forward(self, inputs: Tensor, lengths: Tensor, dropout: nn.Dropout, *, packed: bool) -> tuple[Tensor, Tensor]:
        """Encode a batch.

        Args:
            inputs: embedded source, (B, S, E).
            lengths: tokens of every row, int64 (B,), on the CPU.
            dropout: applied between layers.
            packed: leave padding out of the computation.
        Returns:
            memory: states of the top layer, (B, S, H); at padding they are undefined.
            last: last state of every layer, (B, L, H): the forward state at the last token and the backward state at
                the first.
        """
        on_device = lengths.to(inputs.device)
        states, last = inputs, []
        for depth, directions in enumerate(cast(list[nn.ModuleList], list(self.layers))):
            below = states if depth == 0 else dropout(states)
            outputs = []
            for direction, rnn in enumerate(directions):
                turned = reverse(below, on_device) if direction else below
                outputs.append(_run(rnn, turned, lengths, packed=packed))  # (B, S, H / directions)
            rows = torch.arange(len(on_device), device=on_device.device)
            last.append(torch.cat([output[rows, on_device - 1] for output in outputs], dim=-1))  # (B, H)
            if len(outputs) == 2:
                outputs[1] = reverse(outputs[1], on_device)
            states = torch.cat(outputs, dim=-1)  # (B, S, H)
        return states, torch.stack(last, dim=1)


def _run(rnn: nn.Module, inputs: Tensor, lengths: Tensor, *, packed: bool) -> Tensor:
    """Run one layer from the zero state over inputs, (B, S, D); return (B, S, H)."""
    if not (packed and isinstance(rnn, nn.RNNBase)):  # only torch's own modules take packed sequences
        outputs: Tensor = rnn(inputs)[0]
        return outputs
    sequence = pack_padded_sequence(inputs, lengths, batch_first=True, enforce_sorted=False)
    return pad_packed_sequence(rnn(sequence)[0], batch_first=True, total_length=inputs.shape[1])[0]
