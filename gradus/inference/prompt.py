"""A step that has read a prompt."""

from collections.abc import Sequence

import torch
from torch import Tensor

from gradus.interfaces.step import Step, StepState


class Prompted(Step[StepState]):
    """The distributions of `inner` after its first id and a prompt, which is the same for every row.

    log_probs[b, v] = ln P_inner(v given prompt and everything fed to row b so far)

    The decoder feeds `first`, as it does to every step. Here that is the last token of the prompt, so decoders need
    not know about prompts.
    """

    def __init__(self, inner: Step[StepState], prompt: Sequence[int], device: torch.device) -> None:
        read = [inner.first, *prompt]
        self._inner, self._before, self._device = inner, read[:-1], device
        self.vocabulary_size, self.first = inner.vocabulary_size, read[-1]

    def start(self, batch: int) -> StepState:
        """Feed the prompt without its last token to one row, and repeat the row."""
        state = self._inner.start(1)
        for token in self._before:
            _, state = self._inner.step(torch.tensor([token], device=self._device), state)
        return self._inner.select(state, torch.zeros(batch, dtype=torch.int64, device=self._device))

    def step(self, tokens: Tensor, state: StepState) -> tuple[Tensor, StepState]:
        """Feed one token per row, int64 (B,); return log-probabilities (B, V), nats, and the next state."""
        return self._inner.step(tokens, state)

    def select(self, state: StepState, rows: Tensor) -> StepState:
        """Return the state whose row i is row `rows[i]` of `state`."""
        return self._inner.select(state, rows)

    def state_bytes(self, length: int) -> int:
        """Return the memory of one row's state after `length` more tokens than the prompt."""
        return self._inner.state_bytes(len(self._before) + length)
