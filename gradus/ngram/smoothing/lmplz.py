"""Reproduce a detail of KenLM's lmplz, so that every number of a model can equal its own.

lmplz numbers words by first occurrence and sorts n-grams by their last word, then by the word before it, and so on. In
every order except the longest, the n-gram that is sorted last enters the counts of counts with its count in the text
instead of its continuation count. This changes discounts slightly, and makes them depend on the order of lines.
"""

import numpy as np
from numpy.typing import NDArray

from gradus.ngram.counting.counts import Counts
from gradus.ngram.smoothing.discounts import Recount
from gradus.ngram.trie import Integers, Trie
from gradus.text.special import EOS_ID


def last_ngrams(counts: Counts, ids: Integers) -> dict[int, Recount]:
    """Find the n-grams that lmplz sorts last, one per order.

    The n-gram of an order is the n-gram of the order below, preceded by the word that first occurs latest in the text
    among all words that precede it. The orders end with an n-gram that begins with BOS: no word precedes it.

    Args:
        counts: counts of the text, orders 1 to N.
        ids: the text, EOS at the end of every line, shape (n_tokens,).
    Returns:
        Continuation count and count in the text, by order, at most 1 to N - 1.
    Source: `AdjustCounts::Run` in lm/builder/adjust_counts.cc of KenLM.
    """
    trie, places = counts.trie, _first_places(ids, counts.trie.vocabulary_size)
    node = trie.firsts[1] + int(places.argmax())
    by_order: dict[int, Recount] = {}
    for order in range(1, trie.order):
        longer = trie.firsts[order + 1] + np.flatnonzero(trie.suffixes[trie.nodes(order + 1)] == node)
        if not len(longer):  # it begins with BOS
            break
        by_order[order] = Recount(own=len(longer), used=int(counts.counts[node]))
        node = int(longer[places[_first_words(trie, longer)].argmax()])
    return by_order


def _first_places(ids: Integers, vocabulary_size: int) -> NDArray[np.int64]:
    """Return where every id first occurs, from 1 on; 0 for EOS, and -1 for BOS and for ids that do not occur."""
    places = np.full(vocabulary_size, -1)
    places[ids[::-1]] = np.arange(len(ids), 0, -1)  # where an index is repeated, the last value is kept
    places[EOS_ID] = 0
    return places


def _first_words(trie: Trie, nodes: NDArray[np.int64]) -> Integers:
    """Return the first words of n-grams of one order."""
    while nodes[0] >= trie.firsts[2]:
        nodes = np.searchsorted(trie.begins, nodes.astype(trie.begins.dtype), side="right") - 1  # their histories
    return trie.words[nodes]
