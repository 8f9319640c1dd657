"""The interface between models and decoders: next-token distributions, computed one token at a time."""

from typing import Protocol, TypeVar

from torch import Tensor

StepState = TypeVar("StepState")


class Step(Protocol[StepState]):
    """Interface that computes the next-token distributions of B rows, one token at a time.

        log_probs[b, v] = ln P(v | the tokens fed to row b so far)

    N-gram models, neural language models and translation models implement this interface. Decoders use models only
    through it. A distribution covers all V ids of the tokenizer; PAD and BOS have log-probability -inf.
    """

    vocabulary_size: int
    """V."""
    first: int
    """First input of every row: EOS or BOS.

    It is EOS if the training text was one sequence of tokens with an EOS after every line. Otherwise it is BOS.
    """

    def start(self, batch: int) -> StepState:
        """Return the state of `batch` rows before their first token.

        A translation model has one row per source sentence.
        """
        ...

    def step(self, tokens: Tensor, state: StepState) -> tuple[Tensor, StepState]:
        """Feed one token to every row.

        Args:
            tokens: one token per row, int64 (B,).
            state: from `start`, `step` or `select`.
        Returns:
            First, the log-probabilities of the next token in nats, float32 (B, V). Second, the next state.
        """
        ...

    def select(self, state: StepState, rows: Tensor) -> StepState:
        """Reorder, repeat or drop rows: row `i` of the result is row `rows[i]` of `state`."""
        ...

    def state_bytes(self, length: int) -> int:
        """Return the number of bytes of one row's state after `length` tokens."""
        ...
