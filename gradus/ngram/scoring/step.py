"""An n-gram model as a Step: next-token distributions for a batch of histories."""

import torch
from torch import Tensor

from gradus.ngram.scoring.lookup import advance, distributions
from gradus.ngram.scoring.model import NgramModel
from gradus.ngram.trie import ROOT
from gradus.text.special import BOS_ID


class NgramStep:
    """The `gradus.interfaces.step.Step` of an n-gram model; its state is int64 (B,).

    The state of a row is the node of the longest stored history that ends with its last token. Every line is a text
    of its own: after EOS the history is BOS again.

    MLE is undefined after a history without continuations; here it uses the longest suffix that has some, so that
    there is always a distribution. The scores of stupid back-off are normalised.

    Attributes:
        vocabulary_size: number of ids, V.
        first: BOS, the first token to feed to a row.
        normalised: whether the log-probabilities are scores that were normalised here (stupid back-off), instead of
            probabilities of the model.
    """

    def __init__(self, model: NgramModel) -> None:
        self.model = model
        self.vocabulary_size = model.vocabulary_size
        self.first: int = BOS_ID
        self.normalised = not model.is_distribution

    def start(self, batch: int) -> Tensor:
        """Return the state of `batch` empty rows."""
        return torch.full((batch,), ROOT)

    def step(self, tokens: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """Feed one token per row, int64 (B,); return ln p(. | last N - 1 tokens), float32 (B, V), and the state."""
        # NumPy reads the memory of CPU tensors without a copy; tokens may come from a decoder on a GPU
        histories = advance(self.model.trie, state.numpy(), tokens.cpu().numpy())
        log_probs = torch.from_numpy(distributions(self.model.trie, self.model.tables, histories))
        return log_probs.log_softmax(1) if self.normalised else log_probs, torch.from_numpy(histories)

    def select(self, state: Tensor, rows: Tensor) -> Tensor:
        """Return the state whose row i is row `rows[i]` of `state`."""
        return state[rows.cpu()]

    def state_bytes(self, length: int) -> int:
        """Return the bytes of the state of one row: one int64 node, whatever the length."""
        return 8
