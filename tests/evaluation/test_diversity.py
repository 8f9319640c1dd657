"""Distinct n-grams and repetition."""

import pytest

from gradus.evaluation.language_models.diversity import distinct_share, diversity


def test_distinct_share_counts_first_occurrences():
    """a b a b a: bigrams ab ba ab ba, 2 different of 4; 4-grams abab baba, both different."""
    text = [4, 5, 4, 5, 4]
    assert distinct_share([text], 1) == 2 / 5
    assert distinct_share([text], 2) == 2 / 4
    assert distinct_share([text], 4) == 1.0


def test_texts_are_counted_apart():
    """Two copies of a text are as repetitive as one copy."""
    text = [4, 5, 4, 5, 4]
    assert distinct_share([text, text], 2) == distinct_share([text], 2)


def test_loop_of_a_greedy_decoder():
    """256 tokens of a loop of 8: 253 4-grams, 8 different, 245 of them repeated."""
    text = [4 + position % 8 for position in range(256)]
    assert diversity([text])["repeated_4grams"] == pytest.approx(245 / 253)
    assert diversity([range(256)])["repeated_4grams"] == 0.0


def test_short_texts_have_no_ngrams():
    assert distinct_share([[4, 5]], 4) == 0.0
