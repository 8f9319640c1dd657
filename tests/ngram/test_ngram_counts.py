"""Counts of every order against a plain dictionary of tuples."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ngram_cases import flat, letters

from gradus.ngram.counts import Counts, count_ngrams
from gradus.ngram.kneser_ney import continuation_counts
from gradus.text.special import BOS_ID, EOS_ID

LINES = st.lists(st.lists(st.sampled_from([1, 4, 5, 6]), max_size=6), min_size=1, max_size=8)


def plain_counts(lines, n):
    """Count by brute force; BOS itself is no 1-gram, for it is never predicted."""
    rows = [(BOS_ID, *line, EOS_ID) for line in lines]
    counts = Counter(row[i : i + n] for row in rows for i in range(len(row) - n + 1))
    counts.pop((BOS_ID,), None)
    return counts


def grams(counts: Counts, n):
    """Spell every entry of order n as a tuple of words."""
    spelled = [()]
    for level in counts.levels[:n]:
        spelled = [(*spelled[h], w) for h, w in zip(level.histories().tolist(), level.words().tolist(), strict=True)]
    return spelled


@settings(max_examples=60, deadline=None)
@given(lines=LINES, order=st.integers(1, 5), size=st.sampled_from([7, 2**12, 2**13, 2**17]))
def test_counts_are_those_of_a_dictionary_of_tuples_whatever_fits_into_a_key(lines, order, size):
    # five words of 3 or 12 bits fit into one 64-bit key; of 13 bits (65) or 17 bits they take two
    counts = count_ngrams(flat(lines), order=order, vocabulary_size=size)
    for n, level in enumerate(counts.levels, 1):
        found = {g: c for g, c in zip(grams(counts, n), level.counts.tolist(), strict=True) if c}
        assert found == plain_counts(lines, n)
        assert np.all(np.diff(level.keys) > 0)


@settings(max_examples=30, deadline=None)
@given(lines=LINES)
def test_the_suffix_of_an_ngram_is_the_ngram_without_its_first_word(lines):
    counts = count_ngrams(flat(lines), order=4, vocabulary_size=7)
    for n in range(2, 5):
        shorter = grams(counts, n - 1)
        for gram, suffix in zip(grams(counts, n), counts.levels[n - 1].suffixes.tolist(), strict=True):
            assert shorter[suffix] == gram[1:]


@settings(max_examples=30, deadline=None)
@given(lines=LINES)
def test_continuation_counts_are_distinct_left_neighbours_and_raw_counts_after_bos(lines):
    counts = count_ngrams(flat(lines), order=3, vocabulary_size=7)
    trigrams, raw = plain_counts(lines, 3), plain_counts(lines, 2)
    adjusted = continuation_counts(counts.levels[1], counts.levels[2])
    for gram, count in zip(grams(counts, 2), adjusted.tolist(), strict=True):
        expected = raw[gram] if gram[0] == BOS_ID else sum(1 for trigram in trigrams if trigram[1:] == gram)
        assert count == expected


def test_orders_longer_than_every_line_have_no_ngrams():
    counts = count_ngrams(letters("a/b"), order=5, vocabulary_size=6)
    assert [len(level.keys) for level in counts.levels] == [6, 4, 2, 0, 0]  # BOS a, a EOS, BOS b, b EOS


def test_the_order_of_lines_does_not_matter():
    one, other = (count_ngrams(letters(text), order=3, vocabulary_size=8) for text in ("abc/ab/c", "c/abc/ab"))
    for level, same in zip(one.levels, other.levels, strict=True):
        assert np.array_equal(level.keys, same.keys) and np.array_equal(level.counts, same.counts)


@pytest.mark.parametrize("ids", [[], [4, 9, 3], [4, 2, 3], [4, 0, 3]])
def test_no_ids_and_ids_that_cannot_be_counted_are_refused(ids):
    with pytest.raises(ValueError, match=r"empty text|below 9"):
        count_ngrams(np.array(ids, dtype=np.int64), order=2, vocabulary_size=9)
