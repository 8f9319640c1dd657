"""A translation model as a step: one row per source sentence, its memory carried along."""

from dataclasses import dataclass

import torch
from torch import Tensor

from gradus.interfaces.state import State, select_rows
from gradus.interfaces.translator import Memory, Translator
from gradus.text.special import BOS_ID


@dataclass(frozen=True)
class TranslationState:
    """Rows under way: what each reads, which source sentence it belongs to, and its decoder's state."""

    memory: Memory
    sentence: Tensor
    """Index of the source sentence of every row, int64 (B,)."""
    state: State


class TranslationStep:
    """The distributions P(y_t | y_{<t}, x) of a batch of source sentences, as `gradus.interfaces.step.Step`."""

    first = BOS_ID

    def __init__(self, model: Translator, src: Tensor, src_lengths: Tensor) -> None:
        """Take a model in eval mode and the sources, int64 (B, S) with PAD on the right, and (B,)."""
        self.vocabulary_size = model.vocabulary_size
        self.model, self.src, self.src_lengths = model, src, src_lengths

    @torch.no_grad()
    def start(self, batch: int) -> TranslationState:
        """Encode the sources.

        Raises:
            ValueError: if `batch` is not their number.
        """
        if batch != len(self.src):
            raise ValueError(f"expected one row for each of {len(self.src)} source sentences, found {batch}")
        memory = self.model.encode(self.src, self.src_lengths)
        return TranslationState(memory, torch.arange(batch, device=self.src.device), memory.start)

    @torch.no_grad()
    def step(self, tokens: Tensor, state: TranslationState) -> tuple[Tensor, TranslationState]:
        """Feed one token per row, int64 (B,); return log-probabilities (B, V), nats, and the next state."""
        features, after = self.model.advance(tokens[:, None], state.memory, state.state)
        logits = self.model.output(features[:, 0]).float()
        return logits.log_softmax(dim=-1), TranslationState(state.memory, state.sentence, after)

    def select(self, state: TranslationState, rows: Tensor) -> TranslationState:
        """Return the state of rows reordered, repeated or dropped.

        A beam mostly reorders the hypotheses of one sentence, whose memories are equal; then the
        memory, the larger part, is not copied.
        """
        sentence = state.sentence[rows]
        same = torch.equal(sentence, state.sentence)
        memory = state.memory if same else state.memory.select(rows)
        return TranslationState(memory, sentence, select_rows(state.state, rows))

    @torch.no_grad()
    def state_bytes(self, length: int) -> int:
        """Return how much memory one row takes: its encoded source, and its state, measured over one token."""
        memory = self.model.encode(self.src[:1], self.src_lengths[:1])
        _, after = self.model.advance(torch.full((1, 1), self.first, device=self.src.device), memory, memory.start)
        empty = sum(part.nbytes for part in memory.start)
        read = memory.mask.nbytes + sum(part.nbytes for part in memory.read)
        return read + empty + (sum(part.nbytes for part in after) - empty) * length
