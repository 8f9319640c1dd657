"""Walks through a trie, word by word: the only compiled loops here, for each word's place depends on the last.

Numba compiles them on their first call and keeps the result beside the bytecode.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from gradus.ngram.trie import ROOT, Integers, Nodes, Trie
from gradus.text.special import BOS_ID, EOS_ID

AT_BOS = 1 + BOS_ID
"""The node of BOS alone: the history at the start of a line."""


@dataclass(frozen=True)
class Tables:
    """What a model knows of the nodes of a trie: natural logarithms, float32.

    Attributes:
        log_probs: of the n-grams of orders 1 to N, shape (nodes,); the root's is unused.
        log_weights: of the histories, orders 0 to N - 1, shape (first node of order N,).
    """

    log_probs: NDArray[np.float32]
    log_weights: NDArray[np.float32]


def match(trie: Trie, ids: Integers) -> Nodes:
    """Find the longest n-gram of the trie that ends at every token and does not reach over its line's BOS.

    Args:
        trie: n-grams of orders 1 to N; the suffix of each is one as well.
        ids: token ids below the vocabulary's size, EOS at the end of every line, shape (n_tokens,).
    Returns:
        Nodes, uint32, shape (n_tokens,).
    """
    found = np.empty(len(ids), np.uint32)
    _match(_frozen(ids), *_arrays(trie), trie.firsts[trie.order], found)
    return found


def back_off_scores(trie: Trie, tables: Tables, ids: Integers, found: Nodes) -> NDArray[np.float64]:
    """Score every token by the n-grams that `match` found.

    ln p(w | h) = log_probs[hw] where hw was found; where only a shorter one was, the log_weights of h, of h without
    its first word, and so on come to the log_probs of the n-gram found.

    Args:
        trie: as for `match`.
        tables: of its nodes.
        ids: as for `match`.
        found: its answer.
    Returns:
        Nats, float64, shape (n_tokens,).
    """
    scores = np.empty(len(ids), np.float64)
    _, begins, suffixes = _arrays(trie)
    _score(_frozen(ids), _frozen(found), begins, suffixes, trie.firsts[trie.order], *_logs(tables), scores)
    return scores


def advance(trie: Trie, nodes: NDArray[np.int64], words: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the longest history that ends with each word after the history of its node, int64, shape (B,)."""
    return np.asarray(_advance(nodes, words, *_arrays(trie), trie.firsts[trie.order]))


def distributions(trie: Trie, tables: Tables, nodes: NDArray[np.int64]) -> NDArray[np.float32]:
    """Return ln p(w | h) of every id w after the history h of every node, float32, shape (B, V).

    What is stored of longer n-grams is written over what shorter ones give. A history that nothing continues is
    passed over without its weight.
    """
    rows = np.empty((len(nodes), trie.vocabulary_size), np.float32)
    _distributions(nodes, *_arrays(trie), trie.order, *_logs(tables), rows)
    return rows


def _arrays(trie: Trie) -> tuple[Nodes, Nodes, Nodes]:
    return _frozen(trie.words), _frozen(trie.begins), _frozen(trie.suffixes)


def _logs(tables: Tables) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    return _frozen(tables.log_probs), _frozen(tables.log_weights)


def _frozen(array: NDArray[Any]) -> NDArray[Any]:
    """Return a read-only view, whatever holds the memory, so that every kernel is compiled once."""
    view = np.asarray(array).view()
    view.setflags(write=False)
    return view


@njit(cache=True, nogil=True)
def _longest(words, begins, suffixes, node, word):  # type: ignore[no-untyped-def]
    """Return the continuation of the longest part of a history that has one; the root has every word."""
    while node != ROOT:
        at = np.int64(begins[node])
        rest = np.int64(begins[node + 1]) - at
        if rest > 0:
            while rest > 1:  # a binary search without branches
                half = rest >> 1
                at = at + half if words[at + half] <= word else at
                rest -= half
            if words[at] == word:
                return at
        node = np.int64(suffixes[node])
    return 1 + np.int64(word)


@njit(cache=True, nogil=True)
def _history(suffixes, first_longest, found, word):  # type: ignore[no-untyped-def]
    """Return the history of the next word: the n-gram just found, or its last N - 1 words; BOS after EOS."""
    if word == EOS_ID:
        found = AT_BOS
    if found >= first_longest:
        return np.int64(suffixes[found])
    return found


@njit(cache=True, nogil=True)
def _match(ids, words, begins, suffixes, first_longest, found):  # type: ignore[no-untyped-def]
    node = _history(suffixes, first_longest, AT_BOS, EOS_ID)
    for t in range(len(ids)):
        word = np.uint32(ids[t])
        at = _longest(words, begins, suffixes, node, word)
        found[t] = at
        node = _history(suffixes, first_longest, at, word)


@njit(cache=True, nogil=True)
def _score(ids, found, begins, suffixes, first_longest, log_probs, log_weights, scores):  # type: ignore[no-untyped-def]  # noqa: PLR0913
    node = _history(suffixes, first_longest, AT_BOS, EOS_ID)
    for t in range(len(ids)):
        at = np.int64(found[t])
        score = np.float64(log_probs[at])
        while not begins[node] <= at < begins[node + 1]:
            score += log_weights[node]
            node = np.int64(suffixes[node])
        scores[t] = score
        node = _history(suffixes, first_longest, at, ids[t])


@njit(cache=True, nogil=True)
def _advance(nodes, new, words, begins, suffixes, first_longest):  # type: ignore[no-untyped-def]
    longer = np.empty_like(nodes)
    for row in range(len(nodes)):
        found = _longest(words, begins, suffixes, nodes[row], new[row])
        longer[row] = _history(suffixes, first_longest, found, new[row])
    return longer


@njit(cache=True, nogil=True)
def _distributions(nodes, words, begins, suffixes, order, log_probs, log_weights, rows):  # type: ignore[no-untyped-def]  # noqa: PLR0913
    histories, left = np.empty(order, np.int64), np.empty(order, np.float32)  # from the longest on
    for row in range(len(nodes)):
        node, weight, shorter = np.int64(nodes[row]), np.float32(0), 0
        histories[0], left[0] = node, weight
        while node != ROOT:
            if begins[node] < begins[node + 1]:
                weight += log_weights[node]
            node, shorter = np.int64(suffixes[node]), shorter + 1
            histories[shorter], left[shorter] = node, weight
        for m in range(shorter, -1, -1):
            for at in range(begins[histories[m]], begins[histories[m] + 1]):
                rows[row, words[at]] = log_probs[at] + left[m]
