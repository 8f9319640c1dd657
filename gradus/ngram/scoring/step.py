"""Compute next-token distributions of an n-gram model for a batch of histories."""

import torch
from torch import Tensor

from gradus.ngram.scoring.lookup import advance, distributions
from gradus.ngram.scoring.model import NgramModel
from gradus.ngram.trie import ROOT
from gradus.text.special import BOS_ID


class NgramStep:
    """Implementation of `gradus.interfaces.step.Step` for n-gram models. The state is an int64 tensor (B,).

    The state of a row is the node of the longest stored history that ends with the row's last token. After EOS the
    history is BOS, because a history never reaches into the line before.

    Maximum likelihood is undefined after a history without continuations. This class then removes words from the start
    of the history until the shorter history has continuations. The class normalises the scores of stupid back-off, so
    that they sum to one.

    Attributes:
        vocabulary_size: number of ids, V.
        first: id of BOS, the first token of every row.
        normalised: whether this class normalised the scores of the model (stupid back-off only).
    """

    def __init__(self, model: NgramModel) -> None:
        self.model = model
        self.vocabulary_size = model.vocabulary_size
        self.first: int = BOS_ID
        self.normalised = not model.is_distribution

    def start(self, batch: int) -> Tensor:
        """Return the state of `batch` rows without tokens."""
        return torch.full((batch,), ROOT)

    def step(self, tokens: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """Append one token to each row.

        Args:
            tokens: the token of each row, int64, shape (B,).
            state: the state before these tokens.
        Returns:
            First ln p of every possible next token, float32, shape (B, V); second the new state.
        """
        # a decoder on a GPU may produce the tokens, but NumPy reads CPU memory only
        histories = advance(self.model.trie, state.numpy(), tokens.cpu().numpy())
        log_probs = torch.from_numpy(distributions(self.model.trie, self.model.tables, histories))
        return log_probs.log_softmax(1) if self.normalised else log_probs, torch.from_numpy(histories)

    def select(self, state: Tensor, rows: Tensor) -> Tensor:
        """Return a new state; its row i is row `rows[i]` of `state`."""
        return state[rows.cpu()]

    def state_bytes(self, length: int) -> int:
        """Return the size of one row's state in bytes. It does not depend on the number of tokens."""
        return 8
