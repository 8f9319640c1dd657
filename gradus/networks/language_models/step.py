"""Next-token distributions of a language model, computed one token at a time."""

import torch
from torch import Tensor

from gradus.interfaces.language_model import LanguageModel
from gradus.interfaces.state import State, select_rows
from gradus.text.special import EOS_ID


class LanguageModelStep:
    """`Step` that computes the next-token distributions of any `LanguageModel`.

    Every row starts with the initial state, and its first input is EOS, the token at the end of a line. This agrees
    with the training: the training text is one sequence of tokens, so every line follows the EOS of the previous line.
    """

    first = EOS_ID

    def __init__(self, model: LanguageModel) -> None:
        self.model = model.eval()
        self.vocabulary_size = model.vocabulary_size

    def start(self, batch: int) -> State:
        """Return the state of `batch` rows before their first token."""
        return self.model.initial_state(batch)

    @torch.inference_mode()
    def step(self, tokens: Tensor, state: State) -> tuple[Tensor, State]:
        """Feed one token to every row; see `Step.step`."""
        logits, state = self.model(tokens[:, None], state)
        return torch.log_softmax(logits[:, 0].float(), dim=-1), state

    def select(self, state: State, rows: Tensor) -> State:
        """Reorder, repeat or drop rows; see `Step.select`."""
        return select_rows(state, rows)

    @torch.inference_mode()
    def state_bytes(self, length: int) -> int:
        """Return the number of bytes of one row's state after `length` tokens.

        One token is fed to measure how much the state grows with each token.
        """
        empty = self.model.initial_state(1)
        _, after = self.model(torch.full((1, 1), self.first, device=empty[0].device), empty)
        fixed, grown = (sum(part.nbytes for part in state) for state in (empty, after))
        # A state with a window stops growing when the window is full.
        return int(fixed + (grown - fixed) * min(length, self.model.window or length))
