"""A model from lists of its n-grams, in any order: how the n-grams of a file become a trie.

Every n-gram's history must be listed. Its suffix need not be, for other toolkits drop it where they prune; a trie has
it all the same, so a blank is put in: its probability is what backing off gives, its weight is 1.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradus.ngram.scoring.walk import find, link
from gradus.ngram.trie import NONE, ROOT, Nodes, Tables, Trie


@dataclass(frozen=True)
class Listed:
    """The n-grams of one order.

    Attributes:
        words: their ids, uint32, shape (E, order).
        log_probs: nats, float32, shape (E,).
        log_weights: nats, float32, shape (E,); not used at the longest order.
    """

    words: NDArray[np.uint32]
    log_probs: NDArray[np.float32]
    log_weights: NDArray[np.float32]


def joined(parts: Iterable[Listed], order: int) -> Listed:
    """Return n-grams of one order as one list."""
    none = np.empty(0, np.float32)
    parts = [Listed(np.empty((0, order), np.uint32), none, none), *parts]
    return Listed(*(np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(Listed)))


class EntryError(ValueError):
    """An n-gram that cannot stand in a model.

    Args:
        order: its order.
        row: its place in the list of its order.
        expected: what belongs there.
        remedy: what the reader can do about it.
        found: what is there, if it is not the whole n-gram.
    """

    def __init__(self, order: int, row: int, *, expected: str, remedy: str, found: str | None = None) -> None:
        self.order, self.row, self.expected, self.remedy, self.found = order, int(row), expected, remedy, found
        super().__init__(f"{order}-gram {row}: expected {expected}")


def assemble(orders: Sequence[Listed], vocabulary_size: int) -> tuple[Trie, Tables]:
    """Make a trie and its tables of listed n-grams.

    Args:
        orders: n-grams of orders 1 to N; those of order 1 are all ids.
        vocabulary_size: number of ids, PAD and BOS included.
    Raises:
        EntryError: if an n-gram is listed twice, or its history is not listed.
    """
    trie, tables = _tree(orders, vocabulary_size)
    blanks = _blanks(trie)
    if any(map(len, blanks)):
        trie, tables = _tree([_with_blanks(*both) for both in zip(orders, blanks, strict=True)], vocabulary_size)
        _back_off(trie, tables)
    return trie, tables


def parents_of(trie: Trie) -> Nodes:
    """Return the node that lacks the last word, for every node; the root's is the root. uint32, shape (nodes,)."""
    parents = np.empty(trie.size, np.uint32)
    parents[ROOT] = ROOT
    parents[ROOT + 1 :] = np.repeat(np.arange(len(trie.begins) - 1, dtype=np.uint32), np.diff(trie.begins))
    return parents


def words_of(trie: Trie, parents: Nodes, nodes: NDArray[Any], order: int) -> NDArray[np.uint32]:
    """Return the words of n-grams of one order, uint32, shape (nodes, order)."""
    words = np.empty((len(nodes), order), np.uint32, order="F")
    for place in reversed(range(order)):
        words[:, place] = trie.words[nodes]
        nodes = parents[nodes]
    return words


def _tree(orders: Sequence[Listed], vocabulary_size: int) -> tuple[Trie, Tables]:
    """Number the n-grams, every order by history and last word; link them to their suffixes as far as these exist."""
    firsts = (0, 1, *(1 + np.cumsum([len(listed.words) for listed in orders])).tolist())
    words, begins = np.zeros(firsts[-1], np.uint32), np.ones(firsts[-2] + 1, np.uint32)
    tables = Tables(np.zeros(firsts[-1], np.float32), np.zeros(firsts[-2], np.float32))
    for n, listed in enumerate(orders, 1):
        nodes, above = slice(firsts[n], firsts[n + 1]), slice(firsts[n - 1], firsts[n])
        shorter = Trie(vocabulary_size, firsts[: n + 1], words[: nodes.start], begins[: above.start + 1], words)
        parents = find(shorter, listed.words[:, :-1])
        rows = _ascending(n, parents, listed.words[:, -1])
        words[nodes], tables.log_probs[nodes] = listed.words[rows, -1], listed.log_probs[rows]
        if n < len(orders):
            tables.log_weights[nodes] = listed.log_weights[rows]
        sizes = np.bincount(parents - np.uint32(above.start), minlength=above.stop - above.start)
        begins[above.start + 1 : above.stop + 1] = nodes.start + np.cumsum(sizes)
    trie = Trie(vocabulary_size, firsts, words, begins, words)
    return Trie(vocabulary_size, firsts, words, begins, link(trie)), tables


def _ascending(order: int, parents: Nodes, words: NDArray[np.uint32]) -> NDArray[np.int64] | slice:
    """Return the rows of n-grams by history, then by last word."""
    if len(lost := np.flatnonzero(parents == NONE)):
        expected = f"an n-gram whose first {order - 1} words are listed too"
        raise EntryError(order, lost[0], expected=expected, remedy=f"list them, or drop the {order}-gram")
    keys = parents.astype(np.uint64) << np.uint64(32) | words
    if np.all(keys[1:] > keys[:-1]):
        return slice(None)
    rows = np.argsort(keys)
    keys = keys[rows]
    if len(twice := np.flatnonzero(keys[1:] == keys[:-1])):
        row = max(rows[twice[0] : twice[0] + 2])
        raise EntryError(order, row, expected="every n-gram once", remedy="drop all but one of the equal ones")
    return rows


def _blanks(trie: Trie) -> list[NDArray[np.uint32]]:
    """Return for orders 1 to N the n-grams that are suffixes of others but not in the trie, each once."""
    blanks = [np.empty((0, n), np.uint32) for n in range(1, trie.order + 1)]
    lacking = np.flatnonzero(trie.suffixes == NONE)
    if len(lacking):
        parents = parents_of(trie)
        for n in range(trie.order, 2, -1):
            nodes = lacking[(lacking >= trie.firsts[n]) & (lacking < trie.firsts[n + 1])]
            longer = np.concatenate([words_of(trie, parents, nodes, n), blanks[n - 1]])
            shorter = np.unique(longer[:, 1:], axis=0)
            blanks[n - 2] = shorter[find(trie, shorter) == NONE]
    return blanks


def _with_blanks(listed: Listed, blanks: NDArray[np.uint32]) -> Listed:
    """Append blanks, whose probability is NaN until `_back_off` knows it."""
    return Listed(
        np.concatenate([listed.words, blanks]),
        np.append(listed.log_probs, np.full(len(blanks), np.nan, np.float32)),
        np.append(listed.log_weights, np.zeros(len(blanks), np.float32)),
    )


def _back_off(trie: Trie, tables: Tables) -> None:
    """Fill in ln p(w | h) = ln of the weight of h + ln p(w | h') for the blanks hw, shorter ones first."""
    parents = parents_of(trie)
    for n in range(2, trie.order):
        first = trie.firsts[n]
        blanks = first + np.flatnonzero(np.isnan(tables.log_probs[trie.nodes(n)]))
        lower = tables.log_probs[trie.suffixes[blanks]]
        tables.log_probs[blanks] = lower + tables.log_weights[parents[blanks]]
