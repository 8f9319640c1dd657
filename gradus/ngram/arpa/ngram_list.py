"""Build a trie from unsorted lists of n-grams, such as those of an ARPA file.

The history of every n-gram must be listed. Its suffix may be missing, because other toolkits leave suffixes out when
they prune. A trie needs every suffix, so missing ones are added: their probability is the one that backing off gives,
and their back-off weight is 1.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradus.ngram.scoring.lookup import find, link
from gradus.ngram.trie import NO_NODE, ROOT, Nodes, Tables, Trie


@dataclass(frozen=True)
class NgramList:
    """The n-grams of one order, in any order of rows."""

    words: NDArray[np.uint32]
    """Ids of their words, shape (E, order)."""
    log_probs: NDArray[np.float32]
    """Nats, shape (E,)."""
    backoff: NDArray[np.float32]
    """ln of the back-off weights, shape (E,); not used at the longest order."""


def concatenate(lists: Iterable[NgramList], order: int) -> NgramList:
    """Return n-grams of one order as one list; empty if there are no lists."""
    no_values = np.empty(0, np.float32)
    lists = [NgramList(np.empty((0, order), np.uint32), no_values, no_values), *lists]
    return NgramList(
        *(np.concatenate([getattr(ngrams, field.name) for ngrams in lists]) for field in fields(NgramList))
    )


class EntryError(ValueError):
    """An n-gram that cannot be in a model.

    Args:
        order: its order.
        row: its row in the list of its order.
        expected: what was expected there.
        remedy: what the reader can do about it.
        found: the wrong part, if it is not the whole n-gram.
    """

    def __init__(self, order: int, row: int, *, expected: str, remedy: str, found: str | None = None) -> None:
        self.order, self.row, self.expected, self.remedy, self.found = order, int(row), expected, remedy, found
        super().__init__(f"{order}-gram {row}: expected {expected}")


def build_trie(orders: Sequence[NgramList], vocabulary_size: int) -> tuple[Trie, Tables]:
    """Build a trie and its tables from lists of n-grams.

    Args:
        orders: n-grams of orders 1 to N; those of order 1 are all ids.
        vocabulary_size: number of ids, PAD and BOS included.
    Raises:
        EntryError: if an n-gram is listed twice, or its history is not listed.
    """
    trie, tables = _build_listed(orders, vocabulary_size)
    missing = _missing_suffixes(trie)
    if any(map(len, missing)):
        completed = [_with_missing(ngrams, words) for ngrams, words in zip(orders, missing, strict=True)]
        trie, tables = _build_listed(completed, vocabulary_size)
        _fill_in_missing(trie, tables)
    return trie, tables


def histories_of(trie: Trie) -> Nodes:
    """Return the node without the last word, for every node; the root is its own history. uint32, shape (nodes,)."""
    histories = np.empty(trie.size, np.uint32)
    histories[ROOT] = ROOT
    histories[ROOT + 1 :] = np.repeat(np.arange(len(trie.begins) - 1, dtype=np.uint32), np.diff(trie.begins))
    return histories


def words_of(trie: Trie, histories: Nodes, nodes: NDArray[Any], order: int) -> NDArray[np.uint32]:
    """Return the words of n-grams of one order, uint32, shape (nodes, order)."""
    words = np.empty((len(nodes), order), np.uint32, order="F")  # written and read by column
    for place in reversed(range(order)):
        words[:, place] = trie.words[nodes]
        nodes = histories[nodes]
    return words


def _build_listed(orders: Sequence[NgramList], vocabulary_size: int) -> tuple[Trie, Tables]:
    """Number the listed n-grams, each order by history and last word; link suffixes, NO_NODE for missing ones."""
    firsts = (0, 1, *(1 + np.cumsum([len(ngrams.words) for ngrams in orders])).tolist())
    words, begins = np.zeros(firsts[-1], np.uint32), np.ones(firsts[-2] + 1, np.uint32)
    tables = Tables(np.zeros(firsts[-1], np.float32), np.zeros(firsts[-2], np.float32))
    for n, ngrams in enumerate(orders, 1):
        nodes, above = slice(firsts[n], firsts[n + 1]), slice(firsts[n - 1], firsts[n])
        shorter = Trie(vocabulary_size, firsts[: n + 1], words[: nodes.start], begins[: above.start + 1], words)
        histories = find(shorter, ngrams.words[:, :-1])
        rows = _sorted_rows(n, histories, ngrams.words[:, -1])
        words[nodes], tables.log_probs[nodes] = ngrams.words[rows, -1], ngrams.log_probs[rows]
        if n < len(orders):
            tables.backoff[nodes] = ngrams.backoff[rows]
        sizes = np.bincount(histories - np.uint32(above.start), minlength=above.stop - above.start)
        begins[above.start + 1 : above.stop + 1] = nodes.start + np.cumsum(sizes)
    trie = Trie(vocabulary_size, firsts, words, begins, words)  # `words` in place of suffixes, which `link` ignores
    return Trie(vocabulary_size, firsts, words, begins, link(trie)), tables


def _sorted_rows(order: int, histories: Nodes, words: NDArray[np.uint32]) -> NDArray[np.int64] | slice:
    """Return the rows of n-grams, sorted by history and last word."""
    if len(lost := np.flatnonzero(histories == NO_NODE)):
        expected = f"its first {order - 1} words among the {order - 1}-grams"
        raise EntryError(order, lost[0], expected=expected, remedy=f"add them, or remove the {order}-gram")
    keys = histories.astype(np.uint64) << np.uint64(32) | words
    if np.all(keys[1:] > keys[:-1]):  # sorted already, as in our own files: no copy is needed
        return slice(None)
    rows = np.argsort(keys)
    keys = keys[rows]
    if len(twice := np.flatnonzero(keys[1:] == keys[:-1])):
        row = max(rows[twice[0] : twice[0] + 2])
        raise EntryError(order, row, expected="every n-gram once", remedy="remove the duplicates")
    return rows


def _missing_suffixes(trie: Trie) -> list[NDArray[np.uint32]]:
    """Return for orders 1 to N the words of suffixes that are not in the trie, each once."""
    missing = [np.empty((0, n), np.uint32) for n in range(1, trie.order + 1)]
    lacking = np.flatnonzero(trie.suffixes == NO_NODE)
    if len(lacking):
        histories = histories_of(trie)
        for n in range(trie.order, 2, -1):
            nodes = lacking[(lacking >= trie.firsts[n]) & (lacking < trie.firsts[n + 1])]
            # suffixes that are added need suffixes themselves
            longer = np.concatenate([words_of(trie, histories, nodes, n), missing[n - 1]])
            shorter = np.unique(longer[:, 1:], axis=0)
            missing[n - 2] = shorter[find(trie, shorter) == NO_NODE]
    return missing


def _with_missing(ngrams: NgramList, missing: NDArray[np.uint32]) -> NgramList:
    """Append n-grams whose log-probability is NaN until `_fill_in_missing` computes it."""
    return NgramList(
        np.concatenate([ngrams.words, missing]),
        np.append(ngrams.log_probs, np.full(len(missing), np.nan, np.float32)),
        np.append(ngrams.backoff, np.zeros(len(missing), np.float32)),
    )


def _fill_in_missing(trie: Trie, tables: Tables) -> None:
    """Compute ln p(w | h) = backoff[h] + ln p(w | h') of the n-grams that were added, shorter ones first."""
    histories = histories_of(trie)
    for n in range(2, trie.order):
        first = trie.firsts[n]
        added = first + np.flatnonzero(np.isnan(tables.log_probs[trie.nodes(n)]))
        below = tables.log_probs[trie.suffixes[added]]
        tables.log_probs[added] = below + tables.backoff[histories[added]]
