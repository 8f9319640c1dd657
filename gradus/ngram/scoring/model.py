"""An n-gram model: a trie, log-probabilities and back-off weights, scored alike whatever the smoother."""

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from gradus.ngram.scoring.lookup import back_off_scores, match
from gradus.ngram.trie import Integers, Tables, Trie
from gradus.text.special import EOS_ID


@dataclass(frozen=True)
class NgramModel:
    """A model of one order.

    ln p(w | h) = log_probs[hw]                       where hw is stored
                = backoff[h] + ln p(w | h')           where only h is stored; h' is h without its first word
                = ln(unseen_weight) + ln p(w | h')    where neither is stored
    """

    kind: str
    """The smoother, or `arpa`."""
    trie: Trie
    """The n-grams of orders 1 to N."""
    tables: Tables
    """Log-probabilities of the nodes and back-off weights of the histories, nats."""
    observed: NDArray[np.bool_]
    """Whether each id occurs in the training text, shape (vocabulary_size,)."""
    unseen_weight: float
    """Back-off weight of histories that are not stored: 1, except 0 for maximum likelihood and the factor, below 1,
    of stupid back-off."""

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
        """Whether scores are probabilities, so that perplexity is defined; those of stupid back-off are not.

        Weight 1 keeps the sum of probabilities one after unseen histories. Weight 0, of maximum likelihood, makes every
        token impossible there; perplexity is then infinite, but defined. Only stupid back-off has a weight in between.
        """
        return self.unseen_weight in (0, 1)

    def log_probs(self, ids: Integers) -> NDArray[np.float64]:
        """Score every token of a text given the tokens before it on its line.

        ln p(w_t | w_(t-N+1) .. w_(t-1)). Near the start of the line the history is shorter and begins with BOS.

        Args:
            ids: token ids, EOS at the end of every line, no BOS, integers, shape (n_tokens,).
        Returns:
            Nats, float64, shape (n_tokens,); -inf where the probability is zero.
        Raises:
            ValueError: if an id is outside the vocabulary.
        """
        check_ids(ids, self.vocabulary_size)
        nodes = match(self.trie, ids)
        # the kernel only knows stored histories; the weight of unseen ones is added here, once for every lost word
        scores = back_off_scores(self.trie, self.tables, ids, nodes)
        if self.unseen_weight != 1:
            unseen = self._unseen_words(ids, nodes)
            log_weight = math.log(self.unseen_weight) if self.unseen_weight else -math.inf
            scores[unseen > 0] += unseen[unseen > 0] * log_weight  # elsewhere 0 * -inf would be NaN
        return scores

    def _unseen_words(self, ids: Integers, nodes: Integers) -> NDArray[np.int64]:
        """Return for every token the length of its history minus that of the longest stored suffix."""
        most = self.order - 1
        stored = np.full(len(ids), min(1, most))  # BOS, at the start of a line
        continued = np.flatnonzero(ids[:-1] != EOS_ID)
        stored[continued + 1] = np.minimum(lengths_of(self.trie, nodes[continued]), most)
        return np.asarray(np.minimum(line_depth(ids), most) - stored)


def check_ids(ids: Integers, vocabulary_size: int) -> None:
    """Raise ValueError if an id is outside the vocabulary."""
    if len(ids) and not 0 <= int(ids.min()) <= int(ids.max()) < vocabulary_size:
        raise ValueError(f"expected ids below {vocabulary_size}, found {int(ids.min())} to {int(ids.max())}")


def lengths_of(trie: Trie, nodes: Integers) -> NDArray[np.int64]:
    """Return the number of words of the n-gram of every node."""
    return np.searchsorted(trie.firsts, nodes, side="right") - 1


def line_depth(ids: Integers) -> NDArray[np.int64]:
    """Return the number of tokens before every token on its line, BOS included; shape (n_tokens,)."""
    here = np.arange(len(ids))
    starts = np.ones(len(ids), dtype=bool)
    starts[1:] = ids[:-1] == EOS_ID
    return np.asarray(here - np.maximum.accumulate(np.where(starts, here, 0)) + 1)


class SeenNgrams(Protocol):
    """The n-grams of a training text: its counts, or a model of it."""

    @property
    def trie(self) -> Trie:
        """The n-grams of orders 1 to N."""
        ...

    @property
    def observed(self) -> NDArray[np.bool_]:
        """Whether each id occurs in the training text."""
        ...


def unseen_share(seen: SeenNgrams, ids: Integers) -> list[tuple[int, int]]:
    """Count the tokens of a text whose n-gram does not occur in the training text.

    Near the start of a line the n-gram of a token is shorter and begins with BOS. So an n-gram is unseen exactly
    where maximum likelihood gives the token probability zero.

    Args:
        seen: counts or a model of the training text, of orders 1 to N.
        ids: token ids of another text, EOS at the end of every line, shape (n_tokens,).
    Returns:
        For orders 1 to N: the number of tokens, and how many of them have an unseen n-gram.
    """
    check_ids(ids, seen.trie.vocabulary_size)
    lengths = np.where(np.asarray(seen.observed)[ids], lengths_of(seen.trie, match(seen.trie, ids)), 0)
    depth = line_depth(ids)
    orders = range(1, seen.trie.order + 1)
    return [(len(ids), int(np.count_nonzero(lengths < np.minimum(n, depth + 1)))) for n in orders]
