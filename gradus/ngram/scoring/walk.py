"""Walks through a trie, word by word: what scores texts, and what a step of a model is.

The loops themselves are compiled; they are imported when one is called, for a model is built without them.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradus.ngram.trie import Integers, Nodes, Tables, Trie
from gradus.text.token_ids import line_starts

PARTS = 8
"""Parts of a text that are walked in turn."""


def match(trie: Trie, ids: Integers) -> Nodes:
    """Find the longest n-gram of the trie that ends at every token and does not reach over its line's BOS.

    Args:
        trie: n-grams of orders 1 to N; the suffix of each is one as well.
        ids: token ids below the vocabulary's size, EOS at the end of every line, shape (n_tokens,).
    Returns:
        Nodes, uint32, shape (n_tokens,).
    """
    from gradus.ngram.scoring import kernels

    found = np.empty(len(ids), np.uint32)
    if len(ids):
        kernels.match(_arrays(trie), _cuts(ids), _frozen(ids), found)
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
    from gradus.ngram.scoring import kernels

    scores = np.empty(len(ids), np.float64)
    kernels.score(_arrays(trie), _logs(tables), _frozen(ids), _frozen(found), scores)
    return scores


def advance(trie: Trie, nodes: NDArray[np.int64], words: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the longest history that ends with each word after the history of its node, int64, shape (B,)."""
    from gradus.ngram.scoring import kernels

    return np.asarray(kernels.advance(_arrays(trie), _frozen(nodes), _frozen(words)))


def distributions(trie: Trie, tables: Tables, nodes: NDArray[np.int64]) -> NDArray[np.float32]:
    """Return ln p(w | h) of every id w after the history h of every node, float32, shape (B, V).

    What is stored of longer n-grams is written over what shorter ones give. A weight of zero is passed
    over at a history that nothing continues.
    """
    from gradus.ngram.scoring import kernels

    rows = np.empty((len(nodes), trie.vocabulary_size), np.float32)
    kernels.distributions(_arrays(trie), _logs(tables), trie.order, _frozen(nodes), rows)
    return rows


def find(trie: Trie, ngrams: NDArray[np.uint32]) -> Nodes:
    """Return the nodes of whole n-grams of one order, NONE for those that are not in the trie.

    Args:
        trie: n-grams of orders 1 to N; its suffixes are not used.
        ngrams: words of n-grams, shape (E, order); order 0 is the root's.
    Returns:
        Nodes, uint32, shape (E,).
    """
    from gradus.ngram.scoring import kernels

    found = np.empty(len(ngrams), np.uint32)
    kernels.find(_arrays(trie), _frozen(np.ascontiguousarray(ngrams)), found)
    return found


def link(trie: Trie) -> Nodes:
    """Return the node that lacks the first word of every n-gram, NONE where it is not in the trie.

    Args:
        trie: n-grams of orders 1 to N; its suffixes are not used.
    Returns:
        Nodes, uint32, shape (nodes,).
    """
    from gradus.ngram.scoring import kernels

    suffixes = np.empty(trie.size, np.uint32)
    kernels.link(_arrays(trie), suffixes)
    return suffixes


def _cuts(ids: Integers) -> NDArray[np.int64]:
    """Return where a text may be cut at ends of lines into about `PARTS` equal parts, its two ends included."""
    starts = line_starts(ids)
    near = np.searchsorted(starts[:-1], np.linspace(0, len(ids), PARTS, endpoint=False))
    return np.unique(np.append(starts[near], len(ids)))


def _arrays(trie: Trie) -> tuple[Nodes, Nodes, Nodes, int]:
    return _frozen(trie.words), _frozen(trie.begins), _frozen(trie.suffixes), trie.firsts[trie.order]


def _logs(tables: Tables) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    return _frozen(tables.log_probs), _frozen(tables.log_weights)


def _frozen(array: NDArray[Any]) -> NDArray[Any]:
    """Return a read-only view, whatever holds the memory, so that every kernel is compiled once."""
    view = np.asarray(array).view()
    view.setflags(write=False)
    return view
