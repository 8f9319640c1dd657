"""Check that the n-gram counts of different orders do not contradict each other."""

import numpy as np
from numpy.typing import NDArray

from gradus.ngram.trie import BOS_NODE, ROOT, Nodes, Trie
from gradus.text.special import EOS_ID, PAD_ID


def counts_problem(trie: Trie, counts: Nodes) -> str | None:
    """Return a description of the first error in the counts of a trie, or None.

    One word follows every token except EOS. Therefore the count of an n-gram that does not end with EOS is the sum of
    the counts of its continuations. One word or BOS precedes every token. Therefore the count of an n-gram g that
    does not begin with BOS is the sum of the counts of all n-grams whose suffix is g. The 1-gram BOS is an exception:
    its count is 0.

    Args:
        trie: a trie in which `trie_problem` finds no error.
        counts: count of every node, shape (nodes,).
    """
    if counts[ROOT] != counts[trie.nodes(1)].sum(dtype=np.int64) or counts[BOS_NODE] or counts[trie.firsts[1] + PAD_ID]:
        return "counts of 1-grams that do not sum to the number of tokens"
    # a generator, so that the first error ends the checks and memory holds the arrays of one order only
    problems = (_order_problem(trie, counts, n) for n in range(1, trie.order))
    return next((problem for problem in problems if problem), None)


def _order_problem(trie: Trie, counts: Nodes, order: int) -> str | None:
    """Check that the counts of an order agree with the counts of the next order."""
    nodes, longer = trie.nodes(order), trie.nodes(order + 1)
    after_bos = trie.descendants(BOS_NODE)[order]
    begin, end = after_bos.start - nodes.start, after_bos.stop - nodes.start
    own = counts[nodes].astype(np.int64)
    expected_before, expected_after = own.copy(), np.where(trie.words[nodes] == EOS_ID, 0, own)
    expected_before[begin:end] = 0  # no word precedes BOS
    if order == 1:
        expected_after[begin] = counts[trie.firsts[1] + EOS_ID]  # BOS is followed by a word on every line
    if not counts[longer].all() or not np.array_equal(expected_after, _sums_of_continuations(trie, counts, order)):
        return f"counts of {order + 1}-grams that do not sum to the counts of their histories"
    before = np.bincount(trie.suffixes[longer] - np.uint32(nodes.start), counts[longer], len(own))
    if not np.array_equal(expected_before, before):
        return f"counts of {order + 1}-grams that do not sum to the counts of their suffixes"
    return _suffix_problem(trie, order + 1)


def _sums_of_continuations(trie: Trie, counts: Nodes, order: int) -> NDArray[np.int64]:
    nodes, longer = trie.nodes(order), trie.nodes(order + 1)
    sums = np.concatenate([[0], np.cumsum(counts[longer], dtype=np.int64)])
    return np.asarray(np.diff(sums[trie.begins[nodes.start : nodes.stop + 1].astype(np.int64) - longer.start]))


def _suffix_problem(trie: Trie, order: int) -> str | None:
    """Check the suffix of every n-gram hw: it must be h'w, where h' is the suffix of h."""
    nodes, histories = trie.nodes(order), trie.nodes(order - 1)
    sizes = np.diff(trie.begins[histories.start : histories.stop + 1])
    suffixes, suffix_histories = trie.suffixes[nodes], np.repeat(trie.suffixes[histories], sizes)
    continues = (trie.begins[suffix_histories] <= suffixes) & (suffixes < trie.begins[suffix_histories + 1])
    if (continues & (trie.words[suffixes] == trie.words[nodes])).all():
        return None
    return f"a {order}-gram whose suffix is a wrong n-gram"
