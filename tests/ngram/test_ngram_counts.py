"""Counts of every order against a plain dictionary of tuples."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ngram_cases import flat, letters, spelled

from gradus.ngram.counting import windows
from gradus.ngram.counting.counts import count_ngrams
from gradus.ngram.smoothing.kneser_ney import continuation_counts
from gradus.text.special import BOS_ID, EOS_ID

LINES = st.lists(st.lists(st.sampled_from([1, 4, 5, 6]), max_size=6), min_size=1, max_size=8)


def plain_counts(lines, n):
    """Count by brute force; BOS alone is not counted, because it is never predicted."""
    rows = [(BOS_ID, *line, EOS_ID) for line in lines]
    counts = Counter(row[i : i + n] for row in rows for i in range(len(row) - n + 1))
    counts.pop((BOS_ID,), None)
    return counts


@settings(max_examples=100, deadline=None)
@given(
    lines=LINES, order=st.integers(1, 5), size=st.sampled_from([7, 2**12, 2**17]), batch=st.sampled_from([1, 3, 2**18])
)
def test_counts_are_those_of_a_dictionary_of_tuples_however_windows_are_batched(lines, order, size, batch):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(windows, "BATCH", batch)
        counts = count_ngrams(flat(lines), order=order, vocabulary_size=size)
    texts = spelled(counts.trie)
    assert counts.trie.order == order and len(texts) == counts.trie.size == len(counts.counts)
    for n in range(1, order + 1):
        nodes = counts.trie.nodes(n)
        found = {text: c for text, c in zip(texts[nodes], counts.of(n).tolist(), strict=True) if c}
        assert found == plain_counts(lines, n)
        assert texts[nodes] == sorted(texts[nodes])


@settings(max_examples=30, deadline=None)
@given(lines=LINES)
def test_the_suffix_of_an_ngram_is_the_ngram_without_its_first_word(lines):
    counts = count_ngrams(flat(lines), order=4, vocabulary_size=7)
    texts = spelled(counts.trie)
    assert [texts[suffix] for suffix in counts.trie.suffixes] == [text[1:] for text in texts]


@settings(max_examples=30, deadline=None)
@given(lines=LINES, order=st.integers(1, 4))
def test_the_first_nodes_are_the_trie_of_a_shorter_order(lines, order):
    longer, shorter = (count_ngrams(flat(lines), order=n, vocabulary_size=7) for n in (4, order))
    trie = longer.trie.up_to(order)
    assert trie.firsts == shorter.trie.firsts
    for name in ("words", "begins", "suffixes"):
        assert np.array_equal(getattr(trie, name), getattr(shorter.trie, name))
    assert np.array_equal(longer.counts[: trie.size], shorter.counts)


@settings(max_examples=30, deadline=None)
@given(lines=LINES)
def test_continuation_counts_are_distinct_left_neighbours_and_raw_counts_after_bos(lines):
    counts = count_ngrams(flat(lines), order=3, vocabulary_size=7)
    trigrams, raw = plain_counts(lines, 3), plain_counts(lines, 2)
    texts = spelled(counts.trie)[counts.trie.nodes(2)]
    for gram, count in zip(texts, continuation_counts(counts, 2).tolist(), strict=True):
        expected = raw[gram] if gram[0] == BOS_ID else sum(1 for trigram in trigrams if trigram[1:] == gram)
        assert count == expected


@settings(max_examples=30, deadline=None)
@given(lines=LINES, node=st.sampled_from([0, 1 + BOS_ID, 1 + 4]))
def test_the_continuations_of_a_node_are_the_ngrams_that_begin_with_it(lines, node):
    counts = count_ngrams(flat(lines), order=4, vocabulary_size=7)
    texts = spelled(counts.trie)
    for n, nodes in enumerate(counts.trie.descendants(node)):
        begin = texts[node]
        assert texts[nodes] == [text for text in texts if len(text) == n and text[: len(begin)] == begin]


def test_orders_longer_than_every_line_have_no_ngrams():
    counts = count_ngrams(letters("a/b"), order=5, vocabulary_size=6)
    assert list(np.diff(counts.trie.firsts)) == [1, 6, 4, 2, 0, 0]  # BOS a, a EOS, BOS b, b EOS


def test_the_order_of_lines_does_not_matter():
    one, other = (count_ngrams(letters(text), order=3, vocabulary_size=8) for text in ("abc/ab/c", "c/abc/ab"))
    assert np.array_equal(one.trie.words, other.trie.words) and np.array_equal(one.counts, other.counts)


@pytest.mark.parametrize("ids", [[], [4, 9, 3], [4, 2, 3], [4, 0, 3]])
def test_no_ids_and_ids_that_cannot_be_counted_are_refused(ids):
    with pytest.raises(ValueError, match=r"empty text|below 9"):
        count_ngrams(np.array(ids, dtype=np.int64), order=2, vocabulary_size=9)
