"""Compiled loops that look up words in a trie, one word after the other.

NumPy cannot express these loops, because the search for a word begins at the node of the preceding word. Numba compiles
each loop at its first call and caches the machine code beside the bytecode, or else in the user's cache.

A trie is the tuple (words, begins, suffixes, first node of the highest order); tables are the tuple (log_probs,
backoff). `gradus.ngram.trie` describes the arrays. The loops convert node numbers to int64, so that all indices have
one type.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numba import njit

from gradus.ngram.trie import BOS_NODE, NO_NODE, ROOT
from gradus.text.special import EOS_ID


def _compiled(loop: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a loop when it is first called; cache the machine code if a folder for it is writable."""
    try:
        return njit(cache=True, nogil=True)(loop)
    except RuntimeError:  # no folder for a cache is writable
        return njit(nogil=True)(loop)


@_compiled
def _search(words, first, size, word):  # type: ignore[no-untyped-def]
    """Search the `size` sorted words from index `first` on; return the index of the last word <= `word`.

    If all words are greater than `word`, return `first`.
    """
    # binary search without branches, because the processor cannot predict the branches of a random search
    while size > 1:
        half = size >> 1
        first = first + half if words[first + half] <= word else first
        size -= half
    return first


@_compiled
def _longest(trie, node, word):  # type: ignore[no-untyped-def]
    """Return the node of the longest stored n-gram hw.

    The word w is `word`. The history h consists of some of the last words of the n-gram `node`, or of all its words.
    """
    words, begins, suffixes, _ = trie
    while node != ROOT:  # a copy of `_continuation`'s code, because calling it took more than twice as long
        first, end = np.int64(begins[node]), np.int64(begins[node + 1])
        if first < end:
            at = _search(words, first, end - first, word)
            if words[at] == word:
                return at
        node = np.int64(suffixes[node])
    return 1 + np.int64(word)  # order 1 has a node for every id, in the order of ids


@_compiled
def _continuation(trie, node, word):  # type: ignore[no-untyped-def]
    """Return the node of the n-gram `node` followed by `word`, or NO_NODE if the trie does not have it."""
    words, begins, _, _ = trie
    first, end = np.int64(begins[node]), np.int64(begins[node + 1])
    if first < end:
        at = _search(words, first, end - first, word)
        if words[at] == word:
            return at
    return np.int64(NO_NODE)


@_compiled
def _history(trie, node, word):  # type: ignore[no-untyped-def]
    """Return the history of the next word: the last N - 1 words of the n-gram `node`, or BOS if `word` is EOS."""
    _, _, suffixes, first_longest = trie
    if word == EOS_ID:
        node = BOS_NODE
    if node >= first_longest:
        return np.int64(suffixes[node])
    return node


@_compiled
def match(trie, bounds, ids, nodes):  # type: ignore[no-untyped-def]
    """For each token, find the longest stored n-gram that ends at this token, and write its node to `nodes`.

    Args:
        trie: the trie as a tuple.
        bounds: start of each section of the text, then the end of the text; shape (sections + 1,).
        ids: token ids of the text, shape (n_tokens,).
        nodes: output, shape (n_tokens,).
    """
    # the sections take turns, one token each, so that the processor computes while it waits for other sections' memory
    histories = np.full(len(bounds) - 1, _history(trie, BOS_NODE, EOS_ID))
    for step in range((bounds[1:] - bounds[:-1]).max()):
        for section in range(len(histories)):
            t = bounds[section] + step
            if t < bounds[section + 1]:
                word = np.uint32(ids[t])
                node = _longest(trie, histories[section], word)
                nodes[t] = node
                histories[section] = _history(trie, node, word)


@_compiled
def score(trie, tables, ids, nodes, scores):  # type: ignore[no-untyped-def]
    """Write ln p of every token to `scores`.

    ln p of a token is a sum. The first term is ln p of the token's n-gram in `nodes`. The other terms are logarithms of
    back-off weights: one for each stored history of the token that is longer than the history of this n-gram.
    """
    begins, suffixes = trie[1:3]
    log_probs, backoff = tables
    history = _history(trie, BOS_NODE, EOS_ID)
    for t in range(len(ids)):
        node = np.int64(nodes[t])
        log_prob = np.float64(log_probs[node])
        while not begins[history] <= node < begins[history + 1]:
            log_prob += backoff[history]
            history = np.int64(suffixes[history])
        scores[t] = log_prob
        history = _history(trie, node, ids[t])


@_compiled
def advance(trie, histories, words):  # type: ignore[no-untyped-def]
    """Append one word to the history of every row; return the nodes of the new histories."""
    longer = np.empty_like(histories)
    for row in range(len(histories)):
        node = _longest(trie, histories[row], words[row])
        longer[row] = _history(trie, node, words[row])
    return longer


@_compiled
def distributions(trie, tables, order, nodes, rows):  # type: ignore[no-untyped-def]
    """Write ln p(w | h) to `rows` for every word w and the history h of every row."""
    words, begins, suffixes, _ = trie
    log_probs, backoff = tables
    # all suffixes of a history, the longest first, and the sum of the back-off weights down to each suffix
    histories, weights = np.empty(order, np.int64), np.empty(order, np.float32)
    for row in range(len(nodes)):
        node, weight, last = nodes[row], np.float32(0), 0
        histories[0], weights[0] = node, weight
        while node != ROOT:
            if begins[node] < begins[node + 1] or backoff[node] > -np.inf:
                weight += backoff[node]
            node, last = np.int64(suffixes[node]), last + 1
            histories[last], weights[last] = node, weight
        for m in range(last, -1, -1):  # the shortest first, so that longer n-grams overwrite the values of shorter ones
            for at in range(begins[histories[m]], begins[histories[m] + 1]):
                rows[row, words[at]] = log_probs[at] + weights[m]


@_compiled
def find(trie, ngrams, nodes):  # type: ignore[no-untyped-def]
    """Write the node of each n-gram to `nodes`, or NO_NODE if the trie does not have the n-gram."""
    for row in range(len(ngrams)):
        node = np.int64(ROOT)
        for word in ngrams[row]:
            if node != NO_NODE:
                node = 1 + np.int64(word) if node == ROOT else _continuation(trie, node, word)
        nodes[row] = node


@_compiled
def link(trie, suffixes):  # type: ignore[no-untyped-def]
    """Write the suffix of every node to `suffixes`, or NO_NODE if the trie does not have the suffix."""
    words, begins, _, _ = trie
    suffixes[: begins[1]] = ROOT
    for node in range(1, len(begins) - 1):
        shorter = np.int64(suffixes[node])
        for at in range(begins[node], begins[node + 1]):
            suffixes[at] = NO_NODE if shorter == NO_NODE else _continuation(trie, shorter, words[at])
