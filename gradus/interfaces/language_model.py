"""Interface of neural language models."""

from abc import ABC, abstractmethod

from torch import Tensor, nn

from gradus.interfaces.state import State


class LanguageModel(nn.Module, ABC):
    """ln P(w_1 .. w_T) = sum over t of ln softmax(logits_t)[w_t], where logits_t depends on the tokens before w_t.

    Training, scoring and decoding use a language model through this interface only.
    """

    vocabulary_size: int
    """V, the number of all ids; the logits of PAD and BOS are -inf."""
    window: int | None = None
    """Longest context in tokens, for scoring by sliding windows; None: the state carries the whole context."""

    @abstractmethod
    def initial_state(self, batch: int) -> State:
        """Return the state of `batch` empty rows."""

    @abstractmethod
    def forward(self, tokens: Tensor, state: State) -> tuple[Tensor, State]:
        """Continue the rows of a state.

        A text fed in chunks gives the same logits as the text fed whole.

        Args:
            tokens: int64 (B, T), T at least 1.
            state: from `initial_state` or an earlier call.
        Returns:
            Logits of the token after each input, float (B, T, V), and the next state.
        """
