"""Check that counts are those of a text."""

import numpy as np
from numpy.typing import NDArray

from gradus.ngram.trie import BOS_NODE, ROOT, Nodes, Trie
from gradus.text.special import EOS_ID, PAD_ID


def counts_problem(trie: Trie, counts: Nodes) -> str | None:
    """Return what is wrong with the counts of a trie that `trie_problem` passes, or None.

    Every token except EOS is followed by one word, and every token is preceded by one word or by BOS. So the counts
    of an n-gram's continuations sum to its own count, and so do the counts of the longer n-grams that end with it.
    BOS counts 0, although every line begins with it.
    """
    if counts[ROOT] != counts[trie.nodes(1)].sum(dtype=np.int64) or counts[BOS_NODE] or counts[trie.firsts[1] + PAD_ID]:
        return "the counts of its 1-grams do not sum to the tokens"
    # lazily: the first problem ends the checks, and the arrays of only one order are in memory
    problems = (_order_problem(trie, counts, n) for n in range(1, trie.order))
    return next((problem for problem in problems if problem), None)


def _order_problem(trie: Trie, counts: Nodes, order: int) -> str | None:
    """Check the counts of one order against those of the next."""
    nodes, longer = trie.nodes(order), trie.nodes(order + 1)
    after_bos = trie.descendants(BOS_NODE)[order]
    begin, end = after_bos.start - nodes.start, after_bos.stop - nodes.start
    own = counts[nodes].astype(np.int64)
    expected_before, expected_after = own.copy(), np.where(trie.words[nodes] == EOS_ID, 0, own)
    expected_before[begin:end] = 0  # no word precedes BOS
    if order == 1:
        expected_after[begin] = counts[trie.firsts[1] + EOS_ID]  # BOS is followed by a word on every line
    if not counts[longer].all() or not np.array_equal(expected_after, _sums_of_continuations(trie, counts, order)):
        return f"the counts of its {order + 1}-grams do not sum to those of their histories"
    before = np.bincount(trie.suffixes[longer] - np.uint32(nodes.start), counts[longer], len(own))
    if not np.array_equal(expected_before, before):
        return f"the counts of its {order + 1}-grams do not sum to those of their suffixes"
    return _suffix_problem(trie, order + 1)


def _sums_of_continuations(trie: Trie, counts: Nodes, order: int) -> NDArray[np.int64]:
    nodes, longer = trie.nodes(order), trie.nodes(order + 1)
    sums = np.concatenate([[0], np.cumsum(counts[longer], dtype=np.int64)])
    return np.asarray(np.diff(sums[trie.begins[nodes.start : nodes.stop + 1].astype(np.int64) - longer.start]))


def _suffix_problem(trie: Trie, order: int) -> str | None:
    """Check that the suffix of every n-gram has the same last word, and continues the suffix of its history."""
    nodes, histories = trie.nodes(order), trie.nodes(order - 1)
    sizes = np.diff(trie.begins[histories.start : histories.stop + 1])
    suffixes, suffix_histories = trie.suffixes[nodes], np.repeat(trie.suffixes[histories], sizes)
    continues = (trie.begins[suffix_histories] <= suffixes) & (suffixes < trie.begins[suffix_histories + 1])
    if (continues & (trie.words[suffixes] == trie.words[nodes])).all():
        return None
    return f"the suffix of a {order}-gram is another n-gram"
