"""Score text with an n-gram model: a trie with log-probabilities and back-off weights, from any smoother."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from gradus.ngram.scoring.lookup import advance, back_off_scores, distributions, match
from gradus.ngram.trie import ROOT, Integers, Tables, Trie
from gradus.text.special import BOS_ID, EOS_ID


@dataclass(frozen=True)
class NgramModel:
    """N-gram model of one order N.

    ln p(w | h) = log_probs[hw]                       if hw is stored
                = backoff[h] + ln p(w | h')           if h is stored, but hw is not; h' is h without its first word
                = ln(unseen_weight) + ln p(w | h')    if h is not stored
    """

    kind: str
    """Kind of the smoother; `arpa` for an imported model."""
    trie: Trie
    """The n-grams of orders 1 to N."""
    tables: Tables
    """Log-probability of every node, and logarithm of the back-off weight of every history, in nats."""
    observed: NDArray[np.bool_]
    """Whether each id occurs in the training text, shape (vocabulary_size,)."""
    unseen_weight: float
    """Back-off weight of histories that are not stored. Most smoothers have weight 1; maximum likelihood has weight 0,
    and stupid back-off has its factor, which is below 1."""

    @property
    def order(self) -> int:
        """Number of words of the longest n-gram, N."""
        return self.trie.order

    @property
    def vocabulary_size(self) -> int:
        """Number of ids, PAD and BOS included."""
        return self.trie.vocabulary_size

    @property
    def is_distribution(self) -> bool:
        """Whether the scores are probabilities, so that the model has a perplexity.

        The scores of stupid back-off do not sum to one; only this smoother has an `unseen_weight` between 0 and 1. With
        weight 1, probabilities sum to one after unseen histories too. With weight 0 (maximum likelihood), every token
        has probability zero after an unseen history, so that the perplexity is infinite, but defined.
        """
        return self.unseen_weight in (0, 1)

    def log_probs(self, ids: Integers) -> NDArray[np.float64]:
        """Compute ln p(w_t | w_(t-N+1) .. w_(t-1)) of every token w_t of a text.

        Near the start of a line the history is shorter and begins with BOS.

        Args:
            ids: token ids, EOS at the end of every line, no BOS, integers, shape (n_tokens,).
        Returns:
            Log-probabilities in nats, float64, shape (n_tokens,); -inf for probability zero.
        Raises:
            ValueError: if an id is outside the vocabulary.
        """
        check_ids(ids, self.vocabulary_size)
        nodes = match(self.trie, ids)
        # the kernel starts at a stored history, so each word by which the history was shortened adds a weight here
        scores = back_off_scores(self.trie, self.tables, ids, nodes)
        if self.unseen_weight != 1:
            unseen = self._unseen_words(ids, nodes)
            log_weight = math.log(self.unseen_weight) if self.unseen_weight else -math.inf
            scores[unseen > 0] += unseen[unseen > 0] * log_weight  # for the other tokens, 0 * -inf would be NaN
        return scores

    def next_log_probs(self, prompt: Sequence[int]) -> NDArray[np.float64]:
        """Compute ln p(w | h) of every id w after a prompt at the start of a line, shape (V,).

        The scores of stupid back-off are normalised, so that they sum to one; `NgramStep` does the same.

        Args:
            prompt: token ids without BOS and EOS.
        """
        nodes = np.array([ROOT])
        for token in (BOS_ID, *prompt):
            nodes = advance(self.trie, nodes, np.array([token]))
        log_probs = distributions(self.trie, self.tables, nodes)[0].astype(np.float64)
        return log_probs if self.is_distribution else np.asarray(log_probs - np.logaddexp.reduce(log_probs))

    def _unseen_words(self, ids: Integers, nodes: Integers) -> NDArray[np.int64]:
        """For each token, return how many words of its history must be removed until the rest is a stored n-gram."""
        most = self.order - 1
        stored = np.full(len(ids), min(1, most))  # the history at the start of a line is BOS, which is stored
        continued = np.flatnonzero(ids[:-1] != EOS_ID)
        stored[continued + 1] = np.minimum(lengths_of(self.trie, nodes[continued]), most)
        return np.asarray(np.minimum(line_depth(ids), most) - stored)


def check_ids(ids: Integers, vocabulary_size: int) -> None:
    """Raise ValueError if an id is outside the vocabulary."""
    if len(ids) and not 0 <= int(ids.min()) <= int(ids.max()) < vocabulary_size:
        raise ValueError(f"expected ids below {vocabulary_size}, found {int(ids.min())} to {int(ids.max())}")


def lengths_of(trie: Trie, nodes: Integers) -> NDArray[np.int64]:
    """Return the order of every node, which is the number of words of its n-gram."""
    return np.searchsorted(trie.firsts, nodes, side="right") - 1


def line_depth(ids: Integers) -> NDArray[np.int64]:
    """For each token, return the number of tokens that precede it in its line, BOS included; shape (n_tokens,)."""
    here = np.arange(len(ids))
    starts = np.ones(len(ids), dtype=bool)
    starts[1:] = ids[:-1] == EOS_ID
    return np.asarray(here - np.maximum.accumulate(np.where(starts, here, 0)) + 1)


class SeenNgrams(Protocol):
    """Interface of counts and of models, which both contain the n-grams of a training text."""

    @property
    def trie(self) -> Trie:
        """The n-grams of orders 1 to N."""
        ...

    @property
    def observed(self) -> NDArray[np.bool_]:
        """Whether each id occurs in the training text."""
        ...


def unseen_share(seen: SeenNgrams, ids: Integers) -> list[tuple[int, int]]:
    """Count the tokens whose n-gram does not occur in the training text.

    The n-gram of a token consists of its history and the token. Near the start of a line the history is shorter and
    begins with BOS. The n-gram is unseen if and only if maximum likelihood assigns the token probability zero.

    Args:
        seen: counts or model of the training text, with orders 1 to N.
        ids: token ids of the text to check, EOS at the end of every line, shape (n_tokens,).
    Returns:
        For each of the orders 1 to N: the number of tokens, and the number of tokens with an unseen n-gram.
    """
    lengths, depth = seen_words(seen, ids), line_depth(ids)
    orders = range(1, seen.trie.order + 1)
    return [(len(ids), int(np.count_nonzero(lengths < np.minimum(n, depth + 1)))) for n in orders]


def seen_words(seen: SeenNgrams, ids: Integers) -> NDArray[np.int64]:
    """For each token, return the length of the longest n-gram of the training text that ends at the token.

    The n-gram begins in the token's line, with BOS at the earliest. The length is 0 if the token itself is unseen.

    Args:
        seen: counts or model of the training text, with orders 1 to N.
        ids: token ids of the text to check, EOS at the end of every line, shape (n_tokens,).
    Returns:
        Numbers of words, from 0 to N, shape (n_tokens,).
    """
    check_ids(ids, seen.trie.vocabulary_size)
    return np.where(np.asarray(seen.observed)[ids], lengths_of(seen.trie, match(seen.trie, ids)), 0)
