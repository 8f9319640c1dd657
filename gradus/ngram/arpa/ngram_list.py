"""Build a trie from unsorted lists of n-grams, such as those of an ARPA file.

The history of an n-gram is the n-gram without its last word; the suffix is the n-gram without its first word. If an
n-gram is listed, its history must be listed too. Its suffix may be missing, because other toolkits remove suffixes
when they prune. A trie needs the suffix of every n-gram, so this module adds the missing suffixes. An added n-gram has
the probability that the model computes by backing off, and back-off weight 1.
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
    """The n-grams of one order, unsorted."""

    words: NDArray[np.uint32]
    """Word ids of every n-gram, shape (E, order)."""
    log_probs: NDArray[np.float32]
    """ln p(w | h) of every n-gram, shape (E,)."""
    backoff: NDArray[np.float32]
    """ln of every back-off weight, shape (E,); unused at the longest order."""


def concatenate(lists: Iterable[NgramList], order: int) -> NgramList:
    """Concatenate lists of n-grams of one order. Without lists, the result is an empty list."""
    no_values = np.empty(0, np.float32)
    lists = [NgramList(np.empty((0, order), np.uint32), no_values, no_values), *lists]
    return NgramList(
        *(np.concatenate([getattr(ngrams, field.name) for ngrams in lists]) for field in fields(NgramList))
    )


class EntryError(ValueError):
    """Error for an n-gram that cannot be part of a model.

    Args:
        order: order of the n-gram.
        row: index of the n-gram in the list of this order.
        expected: description of a correct row.
        remedy: advice to the user.
        found: the wrong part of the row; None if the whole row is wrong.
    """

    def __init__(self, order: int, row: int, *, expected: str, remedy: str, found: str | None = None) -> None:
        self.order, self.row, self.expected, self.remedy, self.found = order, int(row), expected, remedy, found
        super().__init__(f"{order}-gram {row}: expected {expected}")


def build_trie(orders: Sequence[NgramList], vocabulary_size: int) -> tuple[Trie, Tables]:
    """Build a trie and its tables of log-probabilities and back-off weights from lists of n-grams.

    Args:
        orders: n-grams of orders 1 to N. Order 1 lists every id.
        vocabulary_size: number of ids, PAD and BOS included.
    Raises:
        EntryError: if an n-gram is listed twice, or the history of an n-gram is not listed.
    """
    trie, tables = _build_listed(orders, vocabulary_size)
    missing = _missing_suffixes(trie)
    if any(map(len, missing)):
        completed = [_with_missing(ngrams, words) for ngrams, words in zip(orders, missing, strict=True)]
        trie, tables = _build_listed(completed, vocabulary_size)
        _fill_in_missing(trie, tables)
    return trie, tables


def histories_of(trie: Trie) -> Nodes:
    """Return the history of every node, uint32, shape (nodes,). The history of the root is the root."""
    histories = np.empty(trie.size, np.uint32)
    histories[ROOT] = ROOT
    histories[ROOT + 1 :] = np.repeat(np.arange(len(trie.begins) - 1, dtype=np.uint32), np.diff(trie.begins))
    return histories


def words_of(trie: Trie, histories: Nodes, nodes: NDArray[Any], order: int) -> NDArray[np.uint32]:
    """Return the words of the n-grams `nodes`, which all have order `order`; uint32, shape (nodes, order)."""
    words = np.empty((len(nodes), order), np.uint32, order="F")  # written and read by column
    for place in reversed(range(order)):
        words[:, place] = trie.words[nodes]
        nodes = histories[nodes]
    return words


def _build_listed(orders: Sequence[NgramList], vocabulary_size: int) -> tuple[Trie, Tables]:
    """Build a trie and its tables from the listed n-grams only.

    If the suffix of an n-gram is not listed, its value in `Trie.suffixes` is NO_NODE.
    """
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
    """Return row numbers that sort n-grams by history, then by last word."""
    if len(lost := np.flatnonzero(histories == NO_NODE)):
        expected = f"an n-gram whose first {order - 1} words are listed as a {order - 1}-gram"
        remedy = f"add that {order - 1}-gram, or remove the {order}-gram"
        raise EntryError(order, lost[0], expected=expected, remedy=remedy)
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
    """Return the distinct suffixes that are not in the trie, one array of words for each of the orders 1 to N."""
    missing = [np.empty((0, n), np.uint32) for n in range(1, trie.order + 1)]
    lacking = np.flatnonzero(trie.suffixes == NO_NODE)
    if len(lacking):
        histories = histories_of(trie)
        for n in range(trie.order, 2, -1):
            nodes = lacking[(lacking >= trie.firsts[n]) & (lacking < trie.firsts[n + 1])]
            # an added suffix needs its own suffix, so the loop goes from long n-grams to short ones
            longer = np.concatenate([words_of(trie, histories, nodes, n), missing[n - 1]])
            shorter = np.unique(longer[:, 1:], axis=0)
            missing[n - 2] = shorter[find(trie, shorter) == NO_NODE]
    return missing


def _with_missing(ngrams: NgramList, missing: NDArray[np.uint32]) -> NgramList:
    """Append n-grams with log-probability NaN, which marks them for `_fill_in_missing`."""
    return NgramList(
        np.concatenate([ngrams.words, missing]),
        np.append(ngrams.log_probs, np.full(len(missing), np.nan, np.float32)),
        np.append(ngrams.backoff, np.zeros(len(missing), np.float32)),
    )


def _fill_in_missing(trie: Trie, tables: Tables) -> None:
    """Compute the log-probability of every added n-gram hw by backing off to h', which is h without its first word.

    ln p(w | h) = backoff[h] + ln p(w | h')
    """
    histories = histories_of(trie)
    # shorter orders first, because p(w | h') may belong to an added n-gram as well
    for n in range(2, trie.order):
        first = trie.firsts[n]
        added = first + np.flatnonzero(np.isnan(tables.log_probs[trie.nodes(n)]))
        below = tables.log_probs[trie.suffixes[added]]
        tables.log_probs[added] = below + tables.backoff[histories[added]]
