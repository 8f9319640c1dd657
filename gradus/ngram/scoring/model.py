"""An n-gram model of any smoother: a trie, log-probabilities, weights; one rule scores them all."""

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from gradus.ngram.scoring.walk import back_off_scores, match
from gradus.ngram.trie import Integers, Tables, Trie
from gradus.text.special import EOS_ID

NOT_DISTRIBUTIONS = ("stupid_backoff",)
"""Kinds whose scores do not sum to one: they have no perplexity."""


@dataclass(frozen=True)
class NgramModel:
    """A model of one order.

    ln p(w | h) = log_probs[hw]                   where hw is stored
                = log_weights[h] + ln p(w | h')   where it is not, but h is
                = ln(unseen_weight) + ln p(w | h')    where neither is

    Attributes:
        kind: the smoother.
        trie: the n-grams of orders 1 to N.
        tables: log_probs of its nodes and log_weights of its histories, nats.
        observed: whether each id occurs in the training text, bool, shape (vocabulary_size,).
        unseen_weight: share of p(w | h') in p(w | h) after an unseen history: 1, but 0 for maximum likelihood and
            the factor of stupid back-off.
    """

    kind: str
    trie: Trie
    tables: Tables
    observed: NDArray[np.bool_]
    unseen_weight: float

    @property
    def order(self) -> int:
        """Words of the longest n-gram, N."""
        return self.trie.order

    @property
    def vocabulary_size(self) -> int:
        """Number of ids, PAD and BOS included."""
        return self.trie.vocabulary_size

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
        found = match(self.trie, ids)
        scores = back_off_scores(self.trie, self.tables, ids, found)
        if self.unseen_weight != 1:
            unseen = self._unseen_words(ids, found)
            lost = math.log(self.unseen_weight) if self.unseen_weight else -math.inf
            scores[unseen > 0] += unseen[unseen > 0] * lost
        return scores

    def _unseen_words(self, ids: Integers, found: Integers) -> NDArray[np.int64]:
        """Return by how many words the history of every token is longer than what is stored of it."""
        most = self.order - 1
        stored = np.full(len(ids), min(1, most))  # BOS, at the start of a line
        going_on = np.flatnonzero(ids[:-1] != EOS_ID)
        stored[going_on + 1] = np.minimum(lengths_of(self.trie, found[going_on]), most)
        return np.asarray(np.minimum(line_depth(ids), most) - stored)


def check_ids(ids: Integers, vocabulary_size: int) -> None:
    """Raise ValueError if an id is outside the vocabulary."""
    if len(ids) and not 0 <= int(ids.min()) <= int(ids.max()) < vocabulary_size:
        raise ValueError(f"expected ids below {vocabulary_size}, found {int(ids.min())} to {int(ids.max())}")


def lengths_of(trie: Trie, nodes: Integers) -> NDArray[np.int64]:
    """Return how many words the n-grams of some nodes have."""
    return np.searchsorted(trie.firsts, nodes, side="right") - 1


def line_depth(ids: Integers) -> NDArray[np.int64]:
    """Return how many tokens of its line, BOS included, come before every token; shape (n_tokens,)."""
    here = np.arange(len(ids))
    starts = np.ones(len(ids), dtype=bool)
    starts[1:] = ids[:-1] == EOS_ID
    return np.asarray(here - np.maximum.accumulate(np.where(starts, here, 0)) + 1)


class Table(Protocol):
    """What `unseen_share` needs of counts or of a model."""

    @property
    def trie(self) -> Trie:
        """The n-grams of orders 1 to N."""
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
    check_ids(ids, table.trie.vocabulary_size)
    lengths = np.where(np.asarray(table.observed)[ids], lengths_of(table.trie, match(table.trie, ids)), 0)
    depth = line_depth(ids)
    orders = range(1, table.trie.order + 1)
    return [(len(ids), int(np.count_nonzero(lengths < np.minimum(n, depth + 1)))) for n in orders]
