"""Look up training counts of a held-out text's n-grams, for smoothers that fit parameters on them."""

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
    """Training counts for every token of a held-out text."""

    ngrams: NDArray[np.int64]
    """c(hw) of the n-grams of orders 1 to N that end at each token, shape (N, n_tokens); 0 if the n-gram does not
    occur in training, or would begin before its line."""
    histories: NDArray[np.int64]
    """c(h) = sum over w of c(hw) of their histories, likewise."""
    depth: NDArray[np.int64]
    """Number of tokens before each token on its line, BOS included, shape (n_tokens,)."""

    @classmethod
    def look_up(cls, counts: Counts, ids: Integers) -> "HeldOutCounts":
        """Look up every n-gram of a text of at least one token; ids as for `match`."""
        trie = counts.trie
        check_ids(ids, trie.vocabulary_size)
        ending = match(trie, ids).astype(np.int64)
        # the history of a token is the n-gram that ends at the token before it
        history = np.concatenate([[BOS_NODE], ending[:-1]])
        history[1:][ids[:-1] == EOS_ID] = BOS_NODE
        sums = np.concatenate([[0], np.cumsum(counts.counts, dtype=np.int64)])
        begins = trie.begins.astype(np.int64)
        ngrams, histories = (np.zeros((trie.order, len(ids)), dtype=np.int64) for _ in range(2))
        # from the longest order down, shortening the n-grams by a word each time
        for order in range(trie.order, 0, -1):
            ending, tokens = _shorten(trie, ending, order)
            ngrams[order - 1, tokens] = counts.counts[ending[tokens]]
            history, tokens = _shorten(trie, history, order - 1)
            nodes = history[tokens]
            histories[order - 1, tokens] = sums[begins[nodes + 1]] - sums[begins[nodes]]
        return cls(ngrams, histories, line_depth(ids))

    def longest(self, order: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return c(hw) and c(h) for a model of one order; near the start of a line those of the shorter n-gram."""
        rows = np.minimum(order, self.depth + 1) - 1
        tokens = np.arange(len(rows))
        return self.ngrams[rows, tokens], self.histories[rows, tokens]


def _shorten(trie: Trie, nodes: NDArray[np.int64], length: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Shorten n-grams of `length` + 1 words by the first; return all n-grams, and where those of `length` words are."""
    shortened = np.where(lengths_of(trie, nodes) == length + 1, trie.suffixes[nodes], nodes)
    return shortened, np.flatnonzero(lengths_of(trie, shortened) == length)
