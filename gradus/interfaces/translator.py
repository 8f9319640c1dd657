"""The interface of translation models: encode the source once, then feed target tokens."""

from abc import ABC, abstractmethod
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from gradus.interfaces.output import Output
from gradus.interfaces.state import State, select_rows


@dataclass(frozen=True)
class Memory:
    """An encoded batch of source sentences. The first dimension of every tensor is the batch."""

    mask: Tensor
    """Mask, bool (B, S). It is True at source tokens and False at padding."""
    encoded: tuple[Tensor, ...]
    """Tensors that every call of the decoder reads: the encoder's states, or keys and values of these states."""
    start: State
    """The decoder's state before the first target token."""

    def select(self, rows: Tensor) -> "Memory":
        """Reorder, repeat or drop rows: row `i` of the result is row `rows[i]` of this memory."""
        return Memory(self.mask[rows], select_rows(self.encoded, rows), select_rows(self.start, rows))


class Translator(nn.Module, ABC):
    """Translation model: `P(y_1 .. y_T | x) = product over t of P(y_t | y_{<t}, x)`.

    Under teacher forcing, `decode(tgt_in, encode(src, src_lengths))` returns the logits at all positions.
    """

    vocabulary_size: int
    """V, the size of the target vocabulary."""
    output: Output
    """Output layer, which maps features (..., D) to logits (..., V)."""
    attends: bool = True
    """Whether the model has attention."""

    @abstractmethod
    def encode(self, src: Tensor, src_lengths: Tensor) -> Memory:
        """Encode a batch of source sentences.

        Args:
            src: ids, int64 (B, S), padded on the right.
            src_lengths: number of tokens of each row, int64 (B,).
        """

    @abstractmethod
    def advance(self, tgt_in: Tensor, memory: Memory, state: State) -> tuple[Tensor, State]:
        """Feed the next T target tokens of every row.

        Args:
            tgt_in: target tokens, int64 (B, T).
            memory: from `encode`.
            state: `memory.start`, or the state from the last call.
        Returns:
            First, the features, (B, T, D), which `output` maps to logits. Second, the next state.
        """

    @abstractmethod
    def attention(self, tgt_in: Tensor, memory: Memory) -> Tensor:
        """Return the attention weights of every target position over the source positions, (B, T, S).

        Raises:
            ValueError: if the model has no attention.
        """

    def decode(self, tgt_in: Tensor, memory: Memory) -> Tensor:
        """Return the logits of the token after each input token, (B, T, V). `tgt_in`, int64 (B, T), begins with BOS."""
        logits: Tensor = self.output(self.advance(tgt_in, memory, memory.start)[0])
        return logits


def attention_weights(model: Translator, src: Tensor, src_lengths: Tensor, tgt_in: Tensor) -> Tensor:
    """Compute a model's attention weights under teacher forcing. The report draws them.

    Args:
        model: a translation model with attention, in evaluation mode.
        src: source ids, int64 (B, S).
        src_lengths: number of tokens of each row, including EOS, int64 (B,).
        tgt_in: rows `[BOS, y_1, .., y_n]`, int64 (B, T).
    Returns:
        Weights, (B, T, S). Row t belongs to the prediction of the token after `tgt_in[:, t]`.
    Raises:
        ValueError: if the model has no attention.
    """
    with torch.no_grad():
        return model.attention(tgt_in, model.encode(src, src_lengths))
