"""The recurrent encoder: one or two directions over a padded source, packed or not."""

from typing import Any, Literal, cast

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

CellKind = Literal["rnn", "gru", "lstm"]


def build_recurrence(cell: CellKind, inputs: int, hidden: int) -> nn.RNNBase:
    """Return one layer of torch's fused recurrence, batch first, read in one direction."""
    match cell:
        case "rnn":
            return nn.RNN(inputs, hidden, batch_first=True)
        case "gru":
            return nn.GRU(inputs, hidden, batch_first=True)
        case "lstm":
            return nn.LSTM(inputs, hidden, batch_first=True)


class Reverse(torch.autograd.Function):
    """Turn the first `length` positions of every row around; padding stays where it is.

    The permutation is its own inverse, so the gradient is turned around the same way; the general
    gradient of `gather`, a scatter, would be slower and on a GPU not deterministic.
    """

    @staticmethod
    def forward(ctx: Any, states: Tensor, lengths: Tensor) -> Tensor:
        """Return states (B, S, D) with row b reversed in its first `lengths[b]` positions."""
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
    """Turn every row of states (B, S, D) around within its length; see `Reverse`."""
    return cast(Tensor, Reverse.apply(states, lengths))  # type: ignore[no-untyped-call]


class Encoder(nn.Module):
    """Layers of recurrence over the source.

    h_t = f(x_t, h_{t-1}); with two directions h_t = [forward_t ; backward_t], each half as wide.

    The backward direction reads every row from its own last token, so that in both directions padding
    comes after all tokens and no state has seen it. Packing skips its computation and changes nothing
    else: the same loss and gradients up to rounding (tested).

    Source: Schuster and Paliwal (1997), Bidirectional recurrent neural networks.
    """

    def __init__(self, cell: CellKind, inputs: int, hidden: int, *, layers: int, directions: int) -> None:
        super().__init__()
        widths = [inputs] + [hidden] * (layers - 1)
        self.layers = nn.ModuleList(
            nn.ModuleList(build_recurrence(cell, width, hidden // directions) for _ in range(directions))
            for width in widths
        )

    def forward(self, inputs: Tensor, lengths: Tensor, dropout: nn.Dropout, *, packed: bool) -> tuple[Tensor, Tensor]:
        """Encode a batch.

        Args:
            inputs: embedded source, (B, S, E).
            lengths: tokens of every row, int64 (B,), on the CPU.
            dropout: applied between layers.
            packed: skip the padding instead of computing and ignoring it.
        Returns:
            memory: the top layer's states, (B, S, H); what stands at padding means nothing.
            last: what every layer held when it had read a row, (B, L, H): the forward state of its
                last token and the backward state of its first.
        """
        here = lengths.to(inputs.device)
        states, last = inputs, []
        for depth, directions in enumerate(cast(list[nn.ModuleList], list(self.layers))):
            read = states if depth == 0 else dropout(states)
            outputs = []
            for direction, rnn in enumerate(directions):
                turned = reverse(read, here) if direction else read
                outputs.append(_run(rnn, turned, lengths, packed=packed))  # (B, S, H / directions)
            ends = [output[torch.arange(len(here), device=here.device), here - 1] for output in outputs]
            last.append(torch.cat(ends, dim=-1))  # (B, H)
            if len(outputs) == 2:
                outputs[1] = reverse(outputs[1], here)
            states = torch.cat(outputs, dim=-1)  # (B, S, H)
        return states, torch.stack(last, dim=1)


def _run(rnn: nn.Module, inputs: Tensor, lengths: Tensor, *, packed: bool) -> Tensor:
    """Run one recurrence from the zero state over inputs (B, S, D)."""
    if not packed:
        outputs: Tensor = rnn(inputs)[0]
        return outputs
    sequence = pack_padded_sequence(inputs, lengths, batch_first=True, enforce_sorted=False)
    return pad_packed_sequence(rnn(sequence)[0], batch_first=True, total_length=inputs.shape[1])[0]
