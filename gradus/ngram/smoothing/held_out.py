"""Look up how often n-grams of a held-out text occur in the training text. Smoothers fit parameters on these counts."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gradus.ngram.counting.counts import Counts
from gradus.ngram.scoring.lookup import match
from gradus.ngram.scoring.model import check_ids, lengths_of, line_depth
from gradus.ngram.trie import BOS_NODE, Integers, Trie
from gradus.text.special import EOS_ID


@dataclass(frozen=True)
class HeldOutCounts:
    """Counts, in the training text, of the n-grams of a held-out text."""

    ngrams: NDArray[np.int64]
    """For each order and each token w, the count c(hw) of the n-gram hw that ends at this token; shape (N, n_tokens).

    The count is 0 if hw does not occur in the training text, or if hw would begin before the line begins.
    """
    histories: NDArray[np.int64]
    """Count of the history h of each n-gram in `ngrams`: c(h) = sum over w of c(hw). Shape (N, n_tokens)."""
    depth: NDArray[np.int64]
    """For each token, the number of tokens that precede it in its line, BOS included; shape (n_tokens,)."""

    @classmethod
    def look_up(cls, counts: Counts, ids: Integers) -> "HeldOutCounts":
        """Look up every n-gram of a text.

        Args:
            counts: counts of the training text.
            ids: token ids of the held-out text, at least one; EOS at the end of every line, shape (n_tokens,).
        """
        trie = counts.trie
        check_ids(ids, trie.vocabulary_size)
        ending = match(trie, ids).astype(np.int64)
        # the history of a token is the n-gram that ends at the token before it
        history = np.concatenate([[BOS_NODE], ending[:-1]])
        history[1:][ids[:-1] == EOS_ID] = BOS_NODE
        sums = np.concatenate([[0], np.cumsum(counts.counts, dtype=np.int64)])
        begins = trie.begins.astype(np.int64)
        ngrams, histories = (np.zeros((trie.order, len(ids)), dtype=np.int64) for _ in range(2))
        # descend from order N, because a suffix is one step in the trie, and a longer n-gram would need a search
        for order in range(trie.order, 0, -1):
            ending, tokens = _shorten(trie, ending, order)
            ngrams[order - 1, tokens] = counts.counts[ending[tokens]]
            history, tokens = _shorten(trie, history, order - 1)
            nodes = history[tokens]
            histories[order - 1, tokens] = sums[begins[nodes + 1]] - sums[begins[nodes]]
        return cls(ngrams, histories, line_depth(ids))

    def longest(self, order: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return c(hw) and c(h) for every token w and its history h in a model of one order.

        Near the start of a line the history has fewer than `order` - 1 words.
        """
        rows = np.minimum(order, self.depth + 1) - 1
        tokens = np.arange(len(rows))
        return self.ngrams[rows, tokens], self.histories[rows, tokens]


def _shorten(trie: Trie, nodes: NDArray[np.int64], length: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Remove the first word of every n-gram that has `length` + 1 words.

    Returns:
        The nodes of all n-grams, and the indices of the n-grams that now have `length` words.
    """
    shortened = np.where(lengths_of(trie, nodes) == length + 1, trie.suffixes[nodes], nodes)
    return shortened, np.flatnonzero(lengths_of(trie, shortened) == length)
