"""The interface of neural language models."""

from abc import ABC, abstractmethod

from torch import Tensor, nn

from gradus.interfaces.output import Output
from gradus.interfaces.state import State


class LanguageModel(nn.Module, ABC):
    """Neural language model.

        ln P(w_1 .. w_T) = sum over t of ln softmax(logits_t)[w_t]

    The logits at position t depend only on the tokens before `w_t`.

    Training, scoring and decoding use language models only through this interface.
    """

    vocabulary_size: int
    """V, the size of the vocabulary. The logits of PAD and BOS are -inf."""
    output: Output
    """Output layer, which maps features (..., H) to logits (..., V)."""
    window: int | None = None
    """Length of the window in tokens, for scoring by sliding windows. None for models that need no sliding windows."""

    @abstractmethod
    def initial_state(self, batch: int) -> State:
        """Return the state of `batch` rows before their first token."""

    @abstractmethod
    def advance(self, tokens: Tensor, state: State) -> tuple[Tensor, State]:
        """Feed the next T tokens of every row.

        The features do not depend on whether a text is fed in chunks or at once.

        Args:
            tokens: int64 (B, T), with T at least 1.
            state: from `initial_state` or from the last call.
        Returns:
            First, the features of every position, float (B, T, H), which `output` maps to the logits of the next token.
            Second, the next state.
        """

    def forward(self, tokens: Tensor, state: State) -> tuple[Tensor, State]:
        """Feed the next T tokens of every row, as `advance` does; return logits, (B, T, V), instead of features."""
        features, state = self.advance(tokens, state)
        return self.output(features), state
