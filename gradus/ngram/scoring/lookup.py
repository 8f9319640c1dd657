"""Look up n-grams in a trie and score them: typed functions over the compiled kernels.

Each function imports the kernels when it is called, because building a model does not need them and importing Numba
takes longer than opening a model.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradus.ngram.trie import Integers, Nodes, Tables, Trie
from gradus.text.token_ids import line_starts

SECTIONS = 8
"""Sections of a text that `match` walks through in turn."""


def match(trie: Trie, ids: Integers) -> Nodes:
    """Find the longest n-gram of the trie that ends at every token, within the line of the token.

    Args:
        trie: n-grams of orders 1 to N; the suffix of each is in the trie as well.
        ids: token ids below the size of the vocabulary, EOS at the end of every line, shape (n_tokens,).
    Returns:
        Nodes, uint32, shape (n_tokens,).
    """
    from gradus.ngram.scoring import kernels

    nodes = np.empty(len(ids), np.uint32)
    if len(ids):  # the kernel takes a maximum over sections, and an empty text has none
        kernels.match(_arrays(trie), _section_bounds(ids), _frozen(ids), nodes)
    return nodes


def back_off_scores(trie: Trie, tables: Tables, ids: Integers, nodes: Nodes) -> NDArray[np.float64]:
    """Score every token by its longest n-gram, as `match` returns it.

    ln p(w | h) = log_probs[hw] where hw is in the trie. Otherwise it is the log_probs of the longest n-gram, plus the
    backoff of h, of h without its first word, and so on, down to the history of that n-gram.

    Args:
        trie: as for `match`.
        tables: log-probabilities and back-off weights of its nodes.
        ids: as for `match`.
        nodes: result of `match`.
    Returns:
        Nats, float64, shape (n_tokens,).
    """
    from gradus.ngram.scoring import kernels

    scores = np.empty(len(ids), np.float64)
    kernels.score(_arrays(trie), _log_arrays(tables), _frozen(ids), _frozen(nodes), scores)
    return scores


def advance(trie: Trie, nodes: NDArray[np.int64], words: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the longest stored history that ends with each row's word, after the row's history; int64, shape (B,)."""
    from gradus.ngram.scoring import kernels

    return np.asarray(kernels.advance(_arrays(trie), _frozen(nodes), _frozen(words)))


def distributions(trie: Trie, tables: Tables, nodes: NDArray[np.int64]) -> NDArray[np.float32]:
    """Return ln p(w | h) for every id w and the history h of every node, float32, shape (B, V).

    A back-off weight of zero is skipped at a history without continuations, so that some word remains possible.
    """
    from gradus.ngram.scoring import kernels

    rows = np.empty((len(nodes), trie.vocabulary_size), np.float32)
    kernels.distributions(_arrays(trie), _log_arrays(tables), trie.order, _frozen(nodes), rows)
    return rows


def find(trie: Trie, ngrams: NDArray[np.uint32]) -> Nodes:
    """Return the node of every n-gram of a list, NO_NODE for those that are not in the trie.

    Args:
        trie: n-grams of orders 1 to N; its suffixes are not used.
        ngrams: words of n-grams of one order, shape (E, order); an n-gram of order 0 is ROOT.
    Returns:
        Nodes, uint32, shape (E,).
    """
    from gradus.ngram.scoring import kernels

    nodes = np.empty(len(ngrams), np.uint32)
    # another memory layout would be another type to Numba, and compile the kernel again
    kernels.find(_arrays(trie), _frozen(np.ascontiguousarray(ngrams)), nodes)
    return nodes


def link(trie: Trie) -> Nodes:
    """Return the node of every n-gram without its first word, NO_NODE if it is not in the trie.

    Args:
        trie: n-grams of orders 1 to N; its suffixes are not used.
    Returns:
        Nodes, uint32, shape (nodes,).
    """
    from gradus.ngram.scoring import kernels

    suffixes = np.empty(trie.size, np.uint32)
    kernels.link(_arrays(trie), suffixes)
    return suffixes


def _section_bounds(ids: Integers) -> NDArray[np.int64]:
    """Return the bounds of about `SECTIONS` sections of equal length, each of whole lines."""
    starts = line_starts(ids)
    nearest = np.searchsorted(starts[:-1], np.linspace(0, len(ids), SECTIONS, endpoint=False))
    return np.unique(np.append(starts[nearest], len(ids)))


def _arrays(trie: Trie) -> tuple[Nodes, Nodes, Nodes, int]:
    return _frozen(trie.words), _frozen(trie.begins), _frozen(trie.suffixes), trie.firsts[trie.order]


def _log_arrays(tables: Tables) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    return _frozen(tables.log_probs), _frozen(tables.backoff)


def _frozen(array: NDArray[Any]) -> NDArray[Any]:
    """Return a read-only view of memory or of a memory map: one type, so that each kernel is compiled once."""
    view = np.asarray(array).view()
    view.setflags(write=False)
    return view
