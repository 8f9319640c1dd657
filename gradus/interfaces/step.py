"""Interface of decoding: next-token distributions, one step at a time."""

from typing import Protocol, TypeVar

from torch import Tensor

StepState = TypeVar("StepState")


class Step(Protocol[StepState]):
    """Next-token distributions of B rows that grow one token at a time.

    log_probs[b, v] = ln P(v | the tokens fed to row b so far)

    n-gram models, language models and translation models implement it; decoders and scorers use nothing else of a
    model. A distribution covers all ids, V = tokenizer size; PAD and BOS have -inf.
    """

    vocabulary_size: int
    """V."""
    first: int
    """Id to feed at the start of a row: BOS, or EOS for models of one running text."""

    def start(self, batch: int) -> StepState:
        """Return the state of `batch` empty rows; a translation model has one row per source sentence."""
        ...

    def step(self, tokens: Tensor, state: StepState) -> tuple[Tensor, StepState]:
        """Feed one token to every row.

        Args:
            tokens: int64 (B,).
            state: from `start`, `step` or `select`.
        Returns:
            Log-probabilities of the next token, nats, float32 (B, V), and the next state.
        """
        ...

    def select(self, state: StepState, rows: Tensor) -> StepState:
        """Reorder, repeat or drop rows: row i of the result is row `rows[i]` of `state`."""
        ...

    def state_bytes(self, length: int) -> int:
        """Return the bytes that the state of one row takes after `length` tokens."""
        ...
