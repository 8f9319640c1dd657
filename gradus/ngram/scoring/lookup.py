"""Look up n-grams in a trie and score them, with typed functions that call the compiled kernels.

Each function imports the kernels inside its body, because importing Numba takes longer than opening a model, and
building a model needs no kernels.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradus.ngram.trie import BOS_NODE, Integers, Nodes, Tables, Trie
from gradus.text.special import EOS_ID
from gradus.text.token_ids import line_starts

SECTIONS = 8
"""Number of sections into which `match` divides a text. `match` looks up one token of each section in turn.

This is faster than looking up one whole section after the other.
"""


def match(trie: Trie, ids: Integers) -> Nodes:
    """For each token, find the longest stored n-gram that ends at this token and begins in the same line.

    Args:
        trie: n-grams of orders 1 to N. The suffix of each n-gram is in the trie too.
        ids: token ids below the size of the vocabulary, EOS at the end of every line, shape (n_tokens,).
    Returns:
        Node of each n-gram, uint32, shape (n_tokens,).
    """
    from gradus.ngram.scoring import kernels

    nodes = np.empty(len(ids), np.uint32)
    if len(ids):  # an empty text has no sections, and the kernel would take the maximum of an empty array
        kernels.match(_arrays(trie), _section_bounds(ids), _frozen(ids), nodes)
    return nodes


def histories(trie: Trie, ids: Integers) -> NDArray[np.int64]:
    """For each token, find the history that `advance` reaches before it: a stored n-gram of at most N - 1 words.

    Args:
        trie: n-grams of orders 1 to N.
        ids: token ids below the size of the vocabulary, EOS at the end of every line, shape (n_tokens,).
    Returns:
        Node of each history, int64, shape (n_tokens,). The history of the first token of a line is BOS.
    """
    nodes = np.full(len(ids), BOS_NODE, np.int64)
    nodes[1:] = np.where(np.asarray(ids)[:-1] == EOS_ID, BOS_NODE, match(trie, ids)[:-1])
    longest = nodes >= trie.firsts[trie.order]  # n-grams of N words lose the first word
    nodes[longest] = trie.suffixes[nodes[longest]]
    return nodes


def back_off_scores(trie: Trie, tables: Tables, ids: Integers, nodes: Nodes) -> NDArray[np.float64]:
    """Compute ln p(w | h) of every token w after its history h.

    ln p(w | h) = log_probs[hw] if hw is in the trie, else backoff[h] + ln p(w | h'); h' is h without its first word

    Args:
        trie: n-grams of orders 1 to N. The suffix of each n-gram is in the trie too.
        tables: log-probabilities and back-off weights of the trie's nodes.
        ids: token ids of a text, shape (n_tokens,).
        nodes: result of `match` for this text.
    Returns:
        Log-probabilities in nats, float64, shape (n_tokens,).
    """
    from gradus.ngram.scoring import kernels

    scores = np.empty(len(ids), np.float64)
    kernels.score(_arrays(trie), _log_arrays(tables), _frozen(ids), _frozen(nodes), scores)
    return scores


def advance(trie: Trie, nodes: NDArray[np.int64], words: NDArray[np.int64]) -> NDArray[np.int64]:
    """Append a word to each row's history; return the node of each new history, int64, shape (B,).

    If a new history is not in the trie, the function removes words from its start until the rest is in the trie.
    """
    from gradus.ngram.scoring import kernels

    return np.asarray(kernels.advance(_arrays(trie), _frozen(nodes), _frozen(words)))


def distributions(trie: Trie, tables: Tables, nodes: NDArray[np.int64]) -> NDArray[np.float32]:
    """Return ln p(w | h) for every id w and every history h of `nodes`, float32, shape (B, V).

    If a history has back-off weight zero and no continuations, every word would be impossible. In that case the
    function uses back-off weight 1.
    """
    from gradus.ngram.scoring import kernels

    rows = np.empty((len(nodes), trie.vocabulary_size), np.float32)
    kernels.distributions(_arrays(trie), _log_arrays(tables), trie.order, _frozen(nodes), rows)
    return rows


def find(trie: Trie, ngrams: NDArray[np.uint32]) -> Nodes:
    """Look up n-grams of one order.

    Args:
        trie: n-grams of orders 1 to N. The function does not use `trie.suffixes`.
        ngrams: words of the n-grams, shape (E, order). The order may be 0; the node is then ROOT.
    Returns:
        Node of each n-gram, or NO_NODE if the trie does not have the n-gram; uint32, shape (E,).
    """
    from gradus.ngram.scoring import kernels

    nodes = np.empty(len(ngrams), np.uint32)
    # Numba would compile the kernel again for another memory layout
    kernels.find(_arrays(trie), _frozen(np.ascontiguousarray(ngrams)), nodes)
    return nodes


def link(trie: Trie) -> Nodes:
    """Look up the suffix of every node: the n-gram without its first word.

    Args:
        trie: n-grams of orders 1 to N. The function does not use `trie.suffixes`.
    Returns:
        Node of each suffix, or NO_NODE if the trie does not have the suffix; uint32, shape (nodes,).
    """
    from gradus.ngram.scoring import kernels

    suffixes = np.empty(trie.size, np.uint32)
    kernels.link(_arrays(trie), suffixes)
    return suffixes


def _section_bounds(ids: Integers) -> NDArray[np.int64]:
    """Divide a text into about `SECTIONS` sections of whole lines; return all starts, then the end of the text."""
    starts = line_starts(ids)
    nearest = np.searchsorted(starts[:-1], np.linspace(0, len(ids), SECTIONS, endpoint=False))
    return np.unique(np.append(starts[nearest], len(ids)))


def _arrays(trie: Trie) -> tuple[Nodes, Nodes, Nodes, int]:
    return _frozen(trie.words), _frozen(trie.begins), _frozen(trie.suffixes), trie.firsts[trie.order]


def _log_arrays(tables: Tables) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    return _frozen(tables.log_probs), _frozen(tables.backoff)


def _frozen(array: NDArray[Any]) -> NDArray[Any]:
    """Return a read-only view of an array or memory map."""
    # Numba compiles a kernel for each type of its arguments; these views have one type, whatever the array
    view = np.asarray(array).view()
    view.setflags(write=False)
    return view
