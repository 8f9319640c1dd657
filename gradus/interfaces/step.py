"""One idea for every family: a next-token distribution, one step at a time."""

from typing import Protocol, TypeVar

from torch import Tensor

StepState = TypeVar("StepState")


class Step(Protocol[StepState]):
    """Next-token distributions of a batch of rows that grow one token at a time.

    log_probs[b, v] = ln P(v given everything fed to row b so far)

    n-gram, recurrent, Transformer and translation models all offer it, and every decoder and scorer
    takes it and knows no model. The distribution covers the whole id space, V = tokenizer size; PAD and
    BOS have -inf in every family.
    """

    vocabulary_size: int
    first: int
    """The id to feed at the start of a row: BOS or, for a model of one running text, EOS."""

    def start(self, batch: int) -> StepState:
        """Return the state of `batch` empty rows; a translation model has one row per source sentence."""
        ...

    def step(self, tokens: Tensor, state: StepState) -> tuple[Tensor, StepState]:
        """Feed one token per row, int64 (B,); return log-probabilities, float32 (B, V), nats, and the next state."""
        ...

    def select(self, state: StepState, rows: Tensor) -> StepState:
        """Return the state whose row i is row `rows[i]` of `state`; rows may be reordered, repeated or dropped."""
        ...

    def state_bytes(self, length: int) -> int:
        """Return how much memory the state of one row takes when `length` tokens were fed to it."""
        ...
