"""The compiled loops: they walk through a trie word by word, because the place of each word depends on the last.

NumPy cannot express these loops. Numba compiles them on their first call and caches the result beside the bytecode. A
trie is the tuple (words, begins, suffixes, first node of the longest order), tables are (log_probs, backoff). The
arrays are those of `gradus.ngram.trie`; nodes are int64 while a kernel walks, so that indices have one
type.
"""

import numpy as np
from numba import njit

from gradus.ngram.trie import BOS_NODE, NO_NODE, ROOT
from gradus.text.special import EOS_ID


@njit(cache=True, nogil=True)
def _search(words, first, size, word):  # type: ignore[no-untyped-def]
    """Return the place of the last word <= `word` among `size` sorted words, else the first place.

    A binary search without branches: the processor cannot predict them here.
    """
    while size > 1:
        half = size >> 1
        first = first + half if words[first + half] <= word else first
        size -= half
    return first


@njit(cache=True, nogil=True)
def _longest(trie, node, word):  # type: ignore[no-untyped-def]
    """Return the node of `word` after the longest suffix of a history that it continues; it always continues ROOT."""
    words, begins, suffixes, _ = trie
    while node != ROOT:  # `_continuation` written out: calling it took more than twice as long
        first, end = np.int64(begins[node]), np.int64(begins[node + 1])
        if first < end:
            at = _search(words, first, end - first, word)
            if words[at] == word:
                return at
        node = np.int64(suffixes[node])
    return 1 + np.int64(word)


@njit(cache=True, nogil=True)
def _continuation(trie, node, word):  # type: ignore[no-untyped-def]
    """Return the node of an n-gram followed by `word`, or NO_NODE."""
    words, begins, _, _ = trie
    first, end = np.int64(begins[node]), np.int64(begins[node + 1])
    if first < end:
        at = _search(words, first, end - first, word)
        if words[at] == word:
            return at
    return np.int64(NO_NODE)


@njit(cache=True, nogil=True)
def _history(trie, node, word):  # type: ignore[no-untyped-def]
    """Return the history of the next word: `node`, shortened to N - 1 words, or BOS if `word` is EOS."""
    _, _, suffixes, first_longest = trie
    if word == EOS_ID:
        node = BOS_NODE
    if node >= first_longest:
        return np.int64(suffixes[node])
    return node


@njit(cache=True, nogil=True)
def match(trie, bounds, ids, nodes):  # type: ignore[no-untyped-def]
    """Write the node of the longest n-gram that ends at every token to `nodes`.

    The sections of the text between the bounds take turns, one token each, so that the memory reads of one section
    overlap with the work of the others.
    """
    histories = np.full(len(bounds) - 1, _history(trie, BOS_NODE, EOS_ID))
    for step in range((bounds[1:] - bounds[:-1]).max()):
        for section in range(len(histories)):
            t = bounds[section] + step
            if t < bounds[section + 1]:
                word = np.uint32(ids[t])
                node = _longest(trie, histories[section], word)
                nodes[t] = node
                histories[section] = _history(trie, node, word)


@njit(cache=True, nogil=True)
def score(trie, tables, ids, nodes, scores):  # type: ignore[no-untyped-def]
    """Write ln p of every token to `scores`: ln p of its matched n-gram plus the back-off of longer histories."""
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


@njit(cache=True, nogil=True)
def advance(trie, histories, words):  # type: ignore[no-untyped-def]
    """Return the history of every row after one more word."""
    longer = np.empty_like(histories)
    for row in range(len(histories)):
        node = _longest(trie, histories[row], words[row])
        longer[row] = _history(trie, node, words[row])
    return longer


@njit(cache=True, nogil=True)
def distributions(trie, tables, order, nodes, rows):  # type: ignore[no-untyped-def]
    """Write ln p of every word after the history of every row to `rows`."""
    words, begins, suffixes, _ = trie
    log_probs, backoff = tables
    # the suffixes of a history, the longest first, and the back-off accumulated down to each
    histories, weights = np.empty(order, np.int64), np.empty(order, np.float32)
    for row in range(len(nodes)):
        node, weight, last = nodes[row], np.float32(0), 0
        histories[0], weights[0] = node, weight
        while node != ROOT:
            if begins[node] < begins[node + 1] or backoff[node] > -np.inf:
                weight += backoff[node]
            node, last = np.int64(suffixes[node]), last + 1
            histories[last], weights[last] = node, weight
        for m in range(last, -1, -1):  # the shortest first: longer n-grams overwrite what shorter ones wrote
            for at in range(begins[histories[m]], begins[histories[m] + 1]):
                rows[row, words[at]] = log_probs[at] + weights[m]


@njit(cache=True, nogil=True)
def find(trie, ngrams, nodes):  # type: ignore[no-untyped-def]
    """Write the node of every row, a whole n-gram, to `nodes`; NO_NODE if it is not in the trie."""
    for row in range(len(ngrams)):
        node = np.int64(ROOT)
        for word in ngrams[row]:
            if node != NO_NODE:
                node = 1 + np.int64(word) if node == ROOT else _continuation(trie, node, word)
        nodes[row] = node


@njit(cache=True, nogil=True)
def link(trie, suffixes):  # type: ignore[no-untyped-def]
    """Write the node of every n-gram without its first word to `suffixes`; NO_NODE if it is not in the trie."""
    words, begins, _, _ = trie
    suffixes[: begins[1]] = ROOT
    for node in range(1, len(begins) - 1):
        shorter = np.int64(suffixes[node])
        for at in range(begins[node], begins[node + 1]):
            suffixes[at] = NO_NODE if shorter == NO_NODE else _continuation(trie, shorter, words[at])
