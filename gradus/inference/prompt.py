"""Define `Prompted`, a step that computes next-token distributions after a prompt."""

from collections.abc import Sequence

import torch
from torch import Tensor

from gradus.interfaces.step import Step, StepState


class Prompted(Step[StepState]):
    """Step that computes the next-token distributions of another step, `inner`, after a prompt.

    All rows have the same prompt. The log-probability of type v in row b is

        log_probs[b, v] = ln P_inner(v | prompt, tokens of row b after the prompt)

    The method `start` feeds all tokens of the prompt except the last one to `inner`. The attribute `first` is the last
    token of the prompt. Decoders use `first` as the first input of every row, so they need no code for prompts.
    """

    def __init__(self, inner: Step[StepState], prompt: Sequence[int], device: torch.device) -> None:
        read = [inner.first, *prompt]
        self._inner, self._before, self._device = inner, read[:-1], device
        self.vocabulary_size, self.first = inner.vocabulary_size, read[-1]

    def start(self, batch: int) -> StepState:
        """Feed all tokens of the prompt except the last; return the state, repeated for `batch` rows."""
        # One row is enough, because all rows have the same prompt.
        state = self._inner.start(1)
        for token in self._before:
            _, state = self._inner.step(torch.tensor([token], device=self._device), state)
        return self._inner.select(state, torch.zeros(batch, dtype=torch.int64, device=self._device))

    def step(self, tokens: Tensor, state: StepState) -> tuple[Tensor, StepState]:
        """Feed one token to every row; return the log-probabilities of the next tokens, and the next state.

        `tokens` is int64 of shape (B,). The log-probabilities are in nats and have shape (B, V).
        """
        return self._inner.step(tokens, state)

    def select(self, state: StepState, rows: Tensor) -> StepState:
        """Return the state whose row i is row `rows[i]` of `state`."""
        return self._inner.select(state, rows)

    def state_bytes(self, length: int) -> int:
        """Return the size in bytes of one row's state after the prompt and `length` further tokens."""
        return self._inner.state_bytes(len(self._before) + length)
