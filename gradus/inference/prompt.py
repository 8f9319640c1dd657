"""Define `Prompted`, a step that computes next-token distributions after prompts."""

from collections.abc import Sequence
from typing import Generic, NamedTuple

import torch
from torch import Tensor

from gradus.interfaces.step import Step, StepState


class PromptedState(NamedTuple, Generic[StepState]):
    """State of the inner step, and the tokens that this step reads next."""

    inner: StepState
    """State of the inner step."""
    waiting: Tensor | None
    """Before the first step, the last token of each row's prompt, int64, shape (B,); later None."""


class Prompted(Step[PromptedState[StepState]]):
    """Step that computes the next-token distributions of another step, `inner`, after prompts.

    There are P prompts of equal length, and row b continues prompt b mod P. The log-probability of type v in row b is

        log_probs[b, v] = ln P_inner(v | prompt of row b, tokens of row b after the prompt)

    The method `start` feeds all tokens of the prompts except the last one to `inner`. The first call of `step` feeds
    the last token of every prompt instead of `first`. So decoders, which begin every row with `first`, need no code for
    prompts.

    Args:
        inner: `Step` of the model. It must have rows without a source, as language models do.
        prompts: P prompts of equal length; an empty prompt is the beginning of a text.
        device: device of the model.
    """

    def __init__(self, inner: Step[StepState], prompts: Sequence[Sequence[int]], device: torch.device) -> None:
        self._inner = inner
        self._read = torch.tensor([[inner.first, *prompt] for prompt in prompts], device=device)  # (P, 1 + N)
        self.vocabulary_size, self.first = inner.vocabulary_size, inner.first

    def start(self, batch: int) -> PromptedState[StepState]:
        """Feed all tokens of the prompts except the last; return the state of `batch` rows."""
        # Every prompt is read once, and its state is copied to all rows with this prompt.
        state = self._inner.start(len(self._read))
        for tokens in self._read[:, :-1].unbind(dim=1):
            _, state = self._inner.step(tokens, state)
        rows = torch.arange(batch, device=self._read.device) % len(self._read)
        return self.select(PromptedState(state, self._read[:, -1]), rows)

    def step(self, tokens: Tensor, state: PromptedState[StepState]) -> tuple[Tensor, PromptedState[StepState]]:
        """Feed one token to every row; return the log-probabilities of the next tokens, and the next state.

        `tokens` is int64 of shape (B,). The log-probabilities are in nats and have shape (B, V). The first step reads
        the last tokens of the prompts instead of `tokens`.
        """
        log_probs, inner = self._inner.step(tokens if state.waiting is None else state.waiting, state.inner)
        return log_probs, PromptedState(inner, None)

    def select(self, state: PromptedState[StepState], rows: Tensor) -> PromptedState[StepState]:
        """Return the state whose row i is row `rows[i]` of `state`."""
        waiting = None if state.waiting is None else state.waiting[rows]
        return PromptedState(self._inner.select(state.inner, rows), waiting)

    def state_bytes(self, length: int) -> int:
        """Return the size in bytes of one row's state after the prompt and `length` further tokens."""
        return self._inner.state_bytes(self._read.shape[1] - 1 + length)
