"""An n-gram model of any smoother: sorted keys, log-probabilities, weights; one rule scores them all."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from gradus.ngram.estimates import Level
from gradus.ngram.lookup import ABSENT, Integers, match, with_bos
from gradus.text.special import BOS_ID

NOT_DISTRIBUTIONS = ("stupid_backoff",)
"""Kinds whose scores do not sum to one: they have no perplexity."""


@dataclass(frozen=True)
class NgramModel:
    """A model of one order.

    ln p(w | h) = log_probs[hw]                   where hw is stored
                = log_weights[h] + ln p(w | h')   where it is not, but h is
                = unseen_log_weight + ln p(w | h')    where neither is

    Attributes:
        kind: the smoother.
        vocabulary_size: number of ids, PAD and BOS included.
        keys: sorted keys of orders 1 to N, each int64, shape (E_n,).
        levels: log-probabilities and weights of orders 1 to N, nats.
        observed: whether each id occurs in the training text, bool, shape (vocabulary_size,).
        unseen_log_weight: 0, but -inf for maximum likelihood and ln(factor) for stupid back-off.
    """

    kind: str
    vocabulary_size: int
    keys: tuple[NDArray[np.int64], ...]
    levels: tuple[Level, ...]
    observed: NDArray[np.bool_]
    unseen_log_weight: float

    @property
    def order(self) -> int:
        """Words of the longest n-gram, N."""
        return len(self.keys)

    @property
    def is_distribution(self) -> bool:
        """Whether the scores are probabilities; stupid back-off's are not."""
        return self.kind not in NOT_DISTRIBUTIONS

    def log_probs(self, ids: Integers) -> NDArray[np.float64]:
        """Score every token of a text given the tokens before it on its line.

        ln p(w_t | w_(t-N+1) .. w_(t-1)), the history shorter near the start of the line, where BOS begins it.

        Args:
            ids: token ids, EOS at the end of every line and BOS nowhere, integers, shape (n_tokens,).
        Returns:
            Nats, float64, shape (n_tokens,); -inf where the probability is zero.
        Raises:
            ValueError: if an id is outside the vocabulary.
        """
        check_ids(ids, self.vocabulary_size)
        stream, positions = with_bos(ids)
        depth = line_depth(stream)
        scores = np.zeros(len(stream))
        for n, (histories, entries) in enumerate(match(self.keys, stream, self.vocabulary_size), 1):
            level, seen, stored = self.levels[n - 1], histories != ABSENT, entries != ABSENT
            scores[seen] += level.log_weights[histories[seen]]
            scores[~seen & (depth >= n - 1)] += self.unseen_log_weight
            scores[stored] = level.log_probs[entries[stored]]
        return scores[positions]


def check_ids(ids: Integers, vocabulary_size: int) -> None:
    """Raise ValueError if an id is outside the vocabulary."""
    if len(ids) and not 0 <= int(ids.min()) <= int(ids.max()) < vocabulary_size:
        raise ValueError(f"expected ids below {vocabulary_size}, found {int(ids.min())} to {int(ids.max())}")


def line_depth(stream: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return how many tokens of its line, BOS included, come before each place of a text; shape (n,)."""
    here = np.arange(len(stream))
    return here - np.maximum.accumulate(np.where(stream == BOS_ID, here, 0))


class Table(Protocol):
    """What `unseen_share` needs of counts or of a model."""

    @property
    def vocabulary_size(self) -> int:
        """Number of ids, PAD and BOS included."""
        ...

    @property
    def keys(self) -> Sequence[NDArray[np.int64]]:
        """Sorted keys of orders 1 to N."""
        ...

    @property
    def observed(self) -> NDArray[np.bool_]:
        """Whether each id occurs in the training text."""
        ...


def unseen_share(table: Table, ids: Integers) -> list[tuple[int, int]]:
    """Count the tokens of a text whose n-gram does not occur in the training text.

    The n-gram of a token near the start of a line is the shorter one that begins with BOS, so an n-gram is
    unseen exactly where maximum likelihood gives the token probability zero.

    Args:
        table: counts or a model of the training text, of orders 1 to N.
        ids: token ids of another text, EOS at the end of every line, shape (n_tokens,).
    Returns:
        For orders 1 to N: the number of tokens, and how many of them have an unseen n-gram.
    """
    check_ids(ids, table.vocabulary_size)
    stream, positions = with_bos(ids)
    depth = line_depth(stream)
    unseen = ~np.asarray(table.observed)[stream]
    shares = []
    for n, (_, entries) in enumerate(match(table.keys, stream, table.vocabulary_size), 1):
        if n > 1:
            unseen = np.where(depth >= n - 1, entries == ABSENT, unseen)
        shares.append((len(ids), int(np.count_nonzero(unseen[positions]))))
    return shares
