"""Reproduce a detail of KenLM's lmplz, so that every number of a model can equal the number that lmplz computes.

lmplz numbers words in the order of their first occurrences. It sorts n-grams by their last word, then by the word
before, and so on. The discounts depend on n_j, the number of n-grams with continuation count j. When lmplz computes
n_j, it uses the number of occurrences, instead of the continuation count, for the last n-gram in this sequence. It does
so for every order except the highest. The discounts change slightly, and depend on the order of lines.
"""

import numpy as np
from numpy.typing import NDArray

from gradus.ngram.counting.counts import Counts
from gradus.ngram.smoothing.discounts import Recount
from gradus.ngram.trie import Integers, Trie
from gradus.text.special import EOS_ID


def last_ngrams(counts: Counts, ids: Integers) -> dict[int, Recount]:
    """For each order, find the n-gram that lmplz sorts last.

    The last n-gram of order n + 1 consists of a word v and the last n-gram g of order n. Of all words that precede g in
    the text, v is the word whose first occurrence is latest. The search ends at an n-gram that begins with BOS.

    Args:
        counts: counts of the text, orders 1 to N.
        ids: token ids of the text, EOS at the end of every line, shape (n_tokens,).
    Returns:
        Dict from the order, 1 to at most N - 1, to the two counts of the n-gram that lmplz sorts last.
    Source: `AdjustCounts::Run` in lm/builder/adjust_counts.cc of KenLM.
    """
    trie, places = counts.trie, _first_places(ids, counts.trie.vocabulary_size)
    node = trie.firsts[1] + int(places.argmax())
    by_order: dict[int, Recount] = {}
    for order in range(1, trie.order):
        longer = trie.firsts[order + 1] + np.flatnonzero(trie.suffixes[trie.nodes(order + 1)] == node)
        if not len(longer):  # the n-gram begins with BOS, so no word precedes it
            break
        by_order[order] = Recount(own=len(longer), used=int(counts.counts[node]))
        node = int(longer[places[_first_words(trie, longer)].argmax()])
    return by_order


def _first_places(ids: Integers, vocabulary_size: int) -> NDArray[np.int64]:
    """Return the position of each id's first occurrence, from 1 on; 0 for EOS; -1 for ids that do not occur."""
    places = np.full(vocabulary_size, -1)
    places[ids[::-1]] = np.arange(len(ids), 0, -1)  # reversed, because NumPy keeps the last value of a repeated index
    places[EOS_ID] = 0
    return places


def _first_words(trie: Trie, nodes: NDArray[np.int64]) -> Integers:
    """Return the first word of every n-gram; all n-grams have the same order."""
    while nodes[0] >= trie.firsts[2]:
        nodes = np.searchsorted(trie.begins, nodes.astype(trie.begins.dtype), side="right") - 1  # their histories
    return trie.words[nodes]
