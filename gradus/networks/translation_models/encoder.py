"""The recurrent encoder of translation models. It has one or two directions, and can skip padding."""

from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from gradus.layers.recurrence.run import run_layers
from gradus.layers.recurrence.table import CELLS


class Reverse(torch.autograd.Function):
    """Reverse the states of every row, and leave the padding in place.

    Two reversals cancel each other, so the backward pass reverses the gradient in the same way. The backward pass
    of torch's `gather` would be a scatter, which is slower, and not deterministic on a GPU.
    """

    @staticmethod
    def forward(ctx: Any, states: Tensor, lengths: Tensor) -> Tensor:
        """Reverse the first `lengths[b]` positions of every row b of states, (B, S, D)."""
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
    """Reverse the first `lengths[b]` positions of every row b of states, (B, S, D); see `Reverse`."""
    return cast(Tensor, Reverse.apply(states, lengths))  # type: ignore[no-untyped-call]


class Encoder(nn.Module):
    """Recurrent layers over the source, in one or two directions.

        one direction:   h_t = f(x_t, h_{t-1})
        two directions:  h_t = [forward_t ; backward_t], where each part has half the width

    The backward direction starts at the last token of every row. So padding comes after all tokens in both directions,
    and does not change the states of the tokens. If `packed` is true, nothing is computed at padding; loss and
    gradients stay the same up to rounding.

    Source: Schuster and Paliwal (1997), Bidirectional recurrent neural networks.
    """

    def __init__(self, cell: str, inputs: int, hidden: int, *, layers: int, directions: int) -> None:
        """Initialise the weights.

        Args:
            cell: name of a cell in `CELLS`.
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

    def forward(self, inputs: Tensor, lengths: Tensor, dropout: nn.Module, *, packed: bool) -> tuple[Tensor, Tensor]:
        """Encode a batch of source sentences.

        Args:
            inputs: embeddings of the source tokens, (B, S, E).
            lengths: number of tokens of every row, int64 (B,), on the CPU.
            dropout: module that is applied between layers.
            packed: whether to skip padding.
        Returns:
            memory: states of the top layer, (B, S, H). They are undefined at padding.
            last: last state of every layer, (B, L, H). With two directions, it consists of the forward state at the
                last token and the backward state at the first token.
        """
        on_device = lengths.to(inputs.device)  # for indexing; packing needs `lengths` on the CPU
        states, last = inputs, []
        for depth, directions in enumerate(cast(list[nn.ModuleList], list(self.layers))):
            below = states if depth == 0 else dropout(states)
            outputs = []
            for direction, rnn in enumerate(directions):
                # torch's bidirectional module cannot be used: without packing, its second direction starts at padding.
                turned = reverse(below, on_device) if direction else below
                outputs.append(_run(rnn, turned, lengths, packed=packed))  # (B, S, H / directions)
            rows = torch.arange(len(on_device), device=on_device.device)
            last.append(torch.cat([output[rows, on_device - 1] for output in outputs], dim=-1))  # (B, H)
            if len(outputs) == 2:
                outputs[1] = reverse(outputs[1], on_device)
            states = torch.cat(outputs, dim=-1)  # (B, S, H)
        return states, torch.stack(last, dim=1)


def _run(rnn: nn.Module, inputs: Tensor, lengths: Tensor, *, packed: bool) -> Tensor:
    """Run one layer over inputs, (B, S, D), with an initial state of zero; return all states, (B, S, H)."""
    if not (packed and isinstance(rnn, nn.RNNBase)):  # only torch's fused modules take packed sequences
        return run_layers(rnn, inputs)[0]
    sequence = pack_padded_sequence(inputs, lengths, batch_first=True, enforce_sorted=False)
    return pad_packed_sequence(rnn(sequence)[0], batch_first=True, total_length=inputs.shape[1])[0]
