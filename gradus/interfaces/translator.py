"""Interface of a translation model: encode a source once, then advance along the target."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from gradus.interfaces.state import State, select_rows
from gradus.layers.output import OutputLayer


@dataclass(frozen=True)
class Memory:
    """An encoded source; the first dimension of every tensor is the row of the batch."""

    mask: Tensor
    """True where there is a source token, bool (B, S)."""
    read: tuple[Tensor, ...]
    """What the decoder reads at every position: states, and what attention computes of them once."""
    start: State
    """The decoder's state before the first target token."""

    def select(self, rows: Tensor) -> "Memory":
        """Return the memory whose row i is row `rows[i]` of this one."""
        return Memory(self.mask[rows], select_rows(self.read, rows), select_rows(self.start, rows))


class Translator(nn.Module):
    """The interface of a translation model. Forward under teacher forcing: `decode(tgt_in, encode(src, lengths))`."""

    vocabulary_size: int
    """Ids of the target side."""
    output: OutputLayer

    def encode(self, src: Tensor, src_lengths: Tensor) -> Memory:
        """Read source ids (B, S), PAD on the right, of `src_lengths` (B,) tokens each."""
        raise NotImplementedError

    def advance(self, tgt_in: Tensor, memory: Memory, state: State) -> tuple[Tensor, State]:
        """Feed target tokens (B, T) after those that made `state`; return features (B, T, D) and the next state."""
        raise NotImplementedError

    def attention(self, tgt_in: Tensor, memory: Memory) -> Tensor:
        """Return how much each target position reads of each source position: weights (B, T, S), rows sum to 1."""
        raise NotImplementedError

    def decode(self, tgt_in: Tensor, memory: Memory) -> Tensor:
        """Return the logits (B, T, V) of the token after each of `tgt_in` (B, T), whose first column is BOS."""
        logits: Tensor = self.output(self.advance(tgt_in, memory, memory.start)[0])
        return logits


def attention_weights(model: Translator, src: Tensor, src_lengths: Tensor, tgt_in: Tensor) -> Tensor:
    """Return the attention of a model that reads a reference translation, for pictures.

    Args:
        model: a translation model with attention, in eval mode.
        src: source ids, int64 (B, S).
        src_lengths: tokens of each row, EOS included, int64 (B,).
        tgt_in: [BOS, y1, ..., yn], int64 (B, T).
    Returns:
        Weights (B, T, S); row t is what the model read to predict the token after `tgt_in[:, t]`.
    Raises:
        ValueError: if the model has no attention.
    """
    with torch.no_grad():
        return model.attention(tgt_in, model.encode(src, src_lengths))
