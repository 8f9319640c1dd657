"""An n-gram model as a Step: whole next-token distributions for a batch of histories."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from gradus.ngram.lookup import ABSENT, find, make_keys
from gradus.ngram.model import NgramModel
from gradus.text.special import BOS_ID, EOS_ID


class NgramStep:
    """The `gradus.decoding.step.Step` of an n-gram model; its state is int64 (B, N).

    Column m of the state is the entry of the last m words, `ABSENT` where they were never seen together; column 0
    is the empty history. Every line is a text of its own: after EOS the history is BOS again.

    After a history that nothing follows in the training text maximum likelihood says nothing: here it takes the
    longest part of the history that something follows, so that there is always a distribution. Stupid back-off's
    scores are normalised.

    Attributes:
        vocabulary_size: number of ids, V.
        first: BOS, to be fed at the start of a row.
        normalised: whether the log-probabilities are scores made to sum to one (stupid back-off), not the model's
            own probabilities.
    """

    def __init__(self, model: NgramModel) -> None:
        self.model = model
        self.vocabulary_size = model.vocabulary_size
        self.first: int = BOS_ID
        self.normalised = not model.is_distribution

    def start(self, batch: int) -> Tensor:
        """Return the state of `batch` empty rows."""
        state = torch.full((batch, self.model.order), ABSENT)
        state[:, 0] = 0
        return state

    def step(self, tokens: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """Feed one token per row, int64 (B,); return ln p(. | last N - 1 tokens), float32 (B, V), and the state."""
        words = tokens.cpu().numpy()
        histories = self._extend(np.where(words == EOS_ID, BOS_ID, words), state.numpy())
        log_probs = torch.from_numpy(self._distributions(histories))
        return log_probs.log_softmax(1) if self.normalised else log_probs, torch.from_numpy(histories)

    def select(self, state: Tensor, rows: Tensor) -> Tensor:
        """Return the state whose row i is row `rows[i]` of `state`."""
        return state[rows.cpu()]

    def _extend(self, words: NDArray[np.int64], histories: NDArray[np.int64]) -> NDArray[np.int64]:
        """Append a word to every history."""
        longer = np.zeros_like(histories)  # (B, N)
        for m in range(1, self.model.order):
            before = histories[:, m - 1]
            entries = find(self.model.keys[m - 1], make_keys(before, words, self.vocabulary_size))
            longer[:, m] = np.where(before == ABSENT, ABSENT, entries)
        return longer

    def _distributions(self, histories: NDArray[np.int64]) -> NDArray[np.float32]:
        """Return the scores of every id after every history, float32 (B, V).

        What is stored of the longer orders is written over what the shorter ones leave for it.
        """
        orders = range(2, self.model.order + 1)
        continuations = {n: self._continuations(n, histories[:, n - 1]) for n in orders}
        left = np.zeros((self.model.order + 1, len(histories)), dtype=np.float32)  # ln of what longer orders leave
        for n in reversed(orders):
            known = continuations[n][1] > 0
            left[n - 1] = left[n]
            left[n - 1, known] += self.model.levels[n - 1].log_weights[histories[known, n - 1]]
        scores: NDArray[np.float32] = left[1][:, None] + self.model.levels[0].log_probs  # (B, V)
        for n in orders:
            rows, entries = _spread(*continuations[n])
            words = self.model.keys[n - 1][entries] % self.vocabulary_size
            scores[rows, words] = self.model.levels[n - 1].log_probs[entries] + left[n][rows]
        return scores

    def _continuations(self, n: int, histories: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the first entry of order n that continues each history, and how many do; int64 (B,)."""
        keys, size = self.model.keys[n - 1], self.vocabulary_size
        begins = np.searchsorted(keys, histories * size)
        ends = np.searchsorted(keys, (histories + 1) * size)
        return begins, np.where(histories == ABSENT, 0, ends - begins)


def _spread(begins: NDArray[np.int64], lengths: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the rows and the members of all ranges, row after row."""
    rows = np.repeat(np.arange(len(begins)), lengths)
    within = np.arange(len(rows)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    return rows, begins[rows] + within
