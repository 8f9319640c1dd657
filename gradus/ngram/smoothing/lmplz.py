"""What lmplz of KenLM does besides, so that all numbers can be made equal to its own.

lmplz numbers words by their first occurrence and sorts n-grams by their last word, then by the one before it, and so
on. Of every order but the longest, the last n-gram in this sorting enters the counts of counts with its count in the
text in place of its continuation count. That moves a discount by little, and makes it depend on the order of lines.
"""

import numpy as np
from numpy.typing import NDArray

from gradus.ngram.counting.counts import Counts
from gradus.ngram.trie import Integers, Trie
from gradus.text.special import EOS_ID


def last_ngrams(counts: Counts, ids: Integers) -> dict[int, tuple[int, int]]:
    """Find the n-grams that lmplz sorts last.

    That of an order is the last one of the order below and, of the words that occur before it, the one that came
    into the text last. They end with one that begins with BOS: nothing is before it.

    Args:
        counts: of the text, orders 1 to N.
        ids: the text, EOS at the end of every line, shape (n_tokens,).
    Returns:
        Continuation count and count in the text, by order, 1 to N - 1 at most.
    Source: `AdjustCounts::Run` in lm/builder/adjust_counts.cc of KenLM.
    """
    trie, places = counts.trie, _first_places(ids, counts.trie.vocabulary_size)
    node = trie.firsts[1] + int(places.argmax())
    found: dict[int, tuple[int, int]] = {}
    for order in range(1, trie.order):
        longer = trie.firsts[order + 1] + np.flatnonzero(trie.suffixes[trie.nodes(order + 1)] == node)
        if not len(longer):
            break
        found[order] = len(longer), int(counts.counts[node])
        node = int(longer[places[_first_words(trie, longer)].argmax()])
    return found


def _first_places(ids: Integers, vocabulary_size: int) -> NDArray[np.int64]:
    """Return where every id first occurs, from 1 on; 0 of EOS, and -1 of BOS and of what does not occur."""
    places = np.full(vocabulary_size, -1)
    places[ids[::-1]] = np.arange(len(ids), 0, -1)  # of equal indices the last one counts
    places[EOS_ID] = 0
    return places


def _first_words(trie: Trie, nodes: NDArray[np.int64]) -> Integers:
    """Return the first words of n-grams of one order."""
    while nodes[0] >= trie.firsts[2]:
        nodes = np.searchsorted(trie.begins, nodes.astype(trie.begins.dtype), side="right") - 1  # their histories
    return trie.words[nodes]
