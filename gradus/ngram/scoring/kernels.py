"""The only compiled loops here: walks through a trie, word by word, for each word's place depends on the last.

Numba compiles them on their first call and keeps the result beside the bytecode. A trie is the tuple (words, begins,
suffixes, first node of the longest order), tables are (log_probs, log_weights); the arrays are those of
`gradus.ngram.trie`, nodes are int64 while they are walked on.
"""

import numpy as np
from numba import njit

from gradus.ngram.trie import AT_BOS, NONE, ROOT
from gradus.text.special import EOS_ID


@njit(cache=True, nogil=True)
def _search(words, at, size, word):  # type: ignore[no-untyped-def]
    """Return the last of some sorted words that is not above a word, or the first: a binary search without branches."""
    while size > 1:
        half = size >> 1
        at = at + half if words[at + half] <= word else at
        size -= half
    return at


@njit(cache=True, nogil=True)
def _longest(trie, node, word):  # type: ignore[no-untyped-def]
    """Return the continuation of the longest part of a history that has one; the root has every word."""
    words, begins, suffixes, _ = trie
    while node != ROOT:  # `_continuation` written out: a call of it was seen to take more than twice the time
        first, end = np.int64(begins[node]), np.int64(begins[node + 1])
        if first < end:
            at = _search(words, first, end - first, word)
            if words[at] == word:
                return at
        node = np.int64(suffixes[node])
    return 1 + np.int64(word)


@njit(cache=True, nogil=True)
def _continuation(trie, node, word):  # type: ignore[no-untyped-def]
    """Return the node of an n-gram and one more word, NONE where there is none."""
    words, begins, _, _ = trie
    first, end = np.int64(begins[node]), np.int64(begins[node + 1])
    if first < end:
        at = _search(words, first, end - first, word)
        if words[at] == word:
            return at
    return np.int64(NONE)


@njit(cache=True, nogil=True)
def _history(trie, found, word):  # type: ignore[no-untyped-def]
    """Return the history of the next word: the n-gram just found, or its last N - 1 words; BOS after EOS."""
    _, _, suffixes, first_longest = trie
    if word == EOS_ID:
        found = AT_BOS
    if found >= first_longest:
        return np.int64(suffixes[found])
    return found


@njit(cache=True, nogil=True)
def match(trie, cuts, ids, found):  # type: ignore[no-untyped-def]
    """Fill in the longest n-gram that ends at every token.

    The parts of the text between the cuts are walked in turn, a token each, so that the processor need not wait for
    what one of them reads from memory.
    """
    nodes = np.full(len(cuts) - 1, _history(trie, AT_BOS, EOS_ID))
    for step in range((cuts[1:] - cuts[:-1]).max()):
        for part in range(len(nodes)):
            t = cuts[part] + step
            if t < cuts[part + 1]:
                word = np.uint32(ids[t])
                at = _longest(trie, nodes[part], word)
                found[t] = at
                nodes[part] = _history(trie, at, word)


@njit(cache=True, nogil=True)
def score(trie, tables, ids, found, scores):  # type: ignore[no-untyped-def]
    """Fill in the logarithm of every token's probability: of its n-gram, and the weights of longer histories."""
    begins, suffixes = trie[1:3]
    log_probs, log_weights = tables
    node = _history(trie, AT_BOS, EOS_ID)
    for t in range(len(ids)):
        at = np.int64(found[t])
        cost = np.float64(log_probs[at])
        while not begins[node] <= at < begins[node + 1]:
            cost += log_weights[node]
            node = np.int64(suffixes[node])
        scores[t] = cost
        node = _history(trie, at, ids[t])


@njit(cache=True, nogil=True)
def advance(trie, nodes, words):  # type: ignore[no-untyped-def]
    """Return the history of every row, a word longer."""
    longer = np.empty_like(nodes)
    for row in range(len(nodes)):
        found = _longest(trie, nodes[row], words[row])
        longer[row] = _history(trie, found, words[row])
    return longer


@njit(cache=True, nogil=True)
def distributions(trie, tables, order, nodes, rows):  # type: ignore[no-untyped-def]
    """Fill in the logarithm of every word's probability after the history of every row."""
    words, begins, suffixes, _ = trie
    log_probs, log_weights = tables
    histories, left = np.empty(order, np.int64), np.empty(order, np.float32)  # from the longest on
    for row in range(len(nodes)):
        node, weight, shorter = nodes[row], np.float32(0), 0
        histories[0], left[0] = node, weight
        while node != ROOT:
            if begins[node] < begins[node + 1] or log_weights[node] > -np.inf:
                weight += log_weights[node]
            node, shorter = np.int64(suffixes[node]), shorter + 1
            histories[shorter], left[shorter] = node, weight
        for m in range(shorter, -1, -1):
            for at in range(begins[histories[m]], begins[histories[m] + 1]):
                rows[row, words[at]] = log_probs[at] + left[m]


@njit(cache=True, nogil=True)
def find(trie, ngrams, found):  # type: ignore[no-untyped-def]
    """Fill in the node of every row, a whole n-gram; NONE where it is not in the trie."""
    for row in range(len(ngrams)):
        node = np.int64(ROOT)
        for word in ngrams[row]:
            if node != NONE:
                node = 1 + np.int64(word) if node == ROOT else _continuation(trie, node, word)
        found[row] = node


@njit(cache=True, nogil=True)
def link(trie, suffixes):  # type: ignore[no-untyped-def]
    """Fill in the node that lacks the first word of every n-gram; NONE where it is not in the trie."""
    words, begins, _, _ = trie
    suffixes[: begins[1]] = ROOT
    for node in range(1, len(begins) - 1):
        shorter = np.int64(suffixes[node])
        for at in range(begins[node], begins[node + 1]):
            suffixes[at] = NONE if shorter == NONE else _continuation(trie, shorter, words[at])
