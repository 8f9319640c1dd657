"""What every neural language model offers, whatever its architecture: logits and a state to go on from."""

from abc import ABC, abstractmethod

from torch import Tensor, nn

from gradus.interfaces.state import State


class LanguageModel(nn.Module, ABC):
    """ln P(w_1 .. w_T) = sum over t of ln softmax(logits_t)[w_t], where logits_t reads the tokens before w_t.

    The trainer, the scorer and the decoders know no more of an architecture than this.
    """

    vocabulary_size: int
    """V, the whole id space; logits of PAD and BOS are -inf."""
    window: int | None = None
    """Longest context that is read afresh when a text is scored by sliding windows; None: the state carries it."""

    @abstractmethod
    def initial_state(self, batch: int) -> State:
        """Return the state of `batch` empty rows: zero, or holding no tokens."""

    @abstractmethod
    def forward(self, tokens: Tensor, state: State) -> tuple[Tensor, State]:
        """Read tokens after those that made the state.

        Feeding a text in chunks gives the logits of feeding it whole.

        Args:
            tokens: int64 (B, T), T at least 1.
            state: from `initial_state` or an earlier call.
        Returns:
            logits of the token after each input, float (B, T, V), and the next state.
        """
