"""Next-token distributions of a translation model, computed one target token at a time."""

from dataclasses import dataclass

import torch
from torch import Tensor

from gradus.interfaces.state import State, select_rows
from gradus.interfaces.translator import Memory, Translator
from gradus.text.special import BOS_ID


@dataclass(frozen=True)
class TranslationState:
    """State of a `TranslationStep`."""

    memory: Memory
    """The encoded source of every row."""
    sentence: Tensor
    """Index of every row's source sentence, int64 (B,)."""
    state: State
    """The decoder's state."""


class TranslationStep:
    """`Step` that computes `P(y_t | y_{<t}, x)`, the next-token distributions for a batch of source sentences x."""

    first = BOS_ID

    def __init__(self, model: Translator, src: Tensor, src_lengths: Tensor) -> None:
        """Store a model and the sentences that it will translate.

        Args:
            model: a translation model in evaluation mode.
            src: source ids, int64 (B, S), padded on the right.
            src_lengths: number of tokens of each row, int64 (B,).
        """
        self.vocabulary_size = model.vocabulary_size
        self.model, self.src, self.src_lengths = model, src, src_lengths

    @torch.no_grad()
    def start(self, batch: int) -> TranslationState:
        """Encode the source sentences; return the state before the first target token, one row per sentence.

        Raises:
            ValueError: if `batch` is not the number of source sentences.
        """
        if batch != len(self.src):
            raise ValueError(f"expected one row for each of {len(self.src)} source sentences, found {batch} rows")
        memory = self.model.encode(self.src, self.src_lengths)
        return TranslationState(memory, torch.arange(batch, device=self.src.device), memory.start)

    @torch.no_grad()
    def step(self, tokens: Tensor, state: TranslationState) -> tuple[Tensor, TranslationState]:
        """Feed one token to every row; see `Step.step`."""
        features, after = self.model.advance(tokens[:, None], state.memory, state.state)
        logits = self.model.output(features[:, 0]).float()
        return logits.log_softmax(dim=-1), TranslationState(state.memory, state.sentence, after)

    def select(self, state: TranslationState, rows: Tensor) -> TranslationState:
        """Reorder, repeat or drop rows; see `Step.select`."""
        sentence = state.sentence[rows]
        # A beam mostly reorders hypotheses of the same sentence, whose memories are equal. The memory is the larger
        # part of the state, so it is copied only if a row changes its sentence.
        same = torch.equal(sentence, state.sentence)
        memory = state.memory if same else state.memory.select(rows)
        return TranslationState(memory, sentence, select_rows(state.state, rows))

    @torch.no_grad()
    def state_bytes(self, length: int) -> int:
        """Return how many bytes the encoded source and the state of one row take after `length` target tokens.

        One token is fed to measure how much the state grows with each token.
        """
        memory = self.model.encode(self.src[:1], self.src_lengths[:1])
        _, after = self.model.advance(torch.full((1, 1), self.first, device=self.src.device), memory, memory.start)
        empty = sum(part.nbytes for part in memory.start)
        fixed = memory.mask.nbytes + sum(part.nbytes for part in memory.encoded)
        return fixed + empty + (sum(part.nbytes for part in after) - empty) * length
