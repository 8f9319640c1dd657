"""What was counted of the n-grams of a text that was not counted itself: on it smoothers fit their parameters."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gradus.ngram.counting.counts import Counts
from gradus.ngram.scoring.model import check_ids, lengths_of, line_depth
from gradus.ngram.scoring.walk import match
from gradus.ngram.trie import AT_BOS, Integers, Trie
from gradus.text.special import EOS_ID


@dataclass(frozen=True)
class HeldOut:
    """Counts in the training text, for every token of another one.

    Attributes:
        ngrams: c(hw) of the n-gram of orders 1 to N that ends at each token, int64, shape (N, n_tokens); 0 where
            it does not occur in training or would reach over the start of its line.
        histories: c(h) = sum over w of c(hw) of its history, likewise.
        depth: tokens of its line, BOS included, before each token, int64, shape (n_tokens,).
    """

    ngrams: NDArray[np.int64]
    histories: NDArray[np.int64]
    depth: NDArray[np.int64]

    @classmethod
    def of(cls, counts: Counts, ids: Integers) -> "HeldOut":
        """Look up every n-gram of a text; ids as of `match`, at least one."""
        trie = counts.trie
        check_ids(ids, trie.vocabulary_size)
        found = match(trie, ids).astype(np.int64)
        history = np.concatenate([[AT_BOS], found[:-1]])
        history[1:][ids[:-1] == EOS_ID] = AT_BOS
        followed = np.concatenate([[0], np.cumsum(counts.counts, dtype=np.int64)])
        begins = trie.begins.astype(np.int64)
        ngrams, histories = (np.zeros((trie.order, len(ids)), dtype=np.int64) for _ in range(2))
        for order in range(trie.order, 0, -1):
            found, ending = _of_length(trie, found, order)
            ngrams[order - 1, ending] = counts.counts[found[ending]]
            history, ending = _of_length(trie, history, order - 1)
            nodes = history[ending]
            histories[order - 1, ending] = followed[begins[nodes + 1]] - followed[begins[nodes]]
        return cls(ngrams, histories, line_depth(ids))

    def longest(self, order: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return c(hw) and c(h) of a model of one order: near the start of a line those of the shorter n-gram."""
        rows = np.minimum(order, self.depth + 1) - 1
        tokens = np.arange(len(rows))
        return self.ngrams[rows, tokens], self.histories[rows, tokens]


def _of_length(trie: Trie, nodes: NDArray[np.int64], length: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Shorten n-grams of one word more, and return all of them, and the places of those that have the length."""
    shortened = np.where(lengths_of(trie, nodes) == length + 1, trie.suffixes[nodes], nodes)
    return shortened, np.flatnonzero(lengths_of(trie, shortened) == length)
