"""Scores of translations against their references."""

import pytest

from gradus.evaluation.translation_models.bleu import bleu, sentence_statistics
from gradus.evaluation.translation_models.translations import (
    by_source_length,
    exact_share,
    length_ratio,
    token_accuracy,
)


def test_groups_of_source_lengths():
    """Sources of 10, 11, 20, 21, 30, 31 and 80 words fall on both sides of every border."""
    sources = [" ".join(["w"] * n) for n in (10, 11, 20, 21, 30, 31, 80)]
    texts = [f"the translation of sentence number {row}" for row in range(7)]
    groups = by_source_length(sources, sentence_statistics(texts, texts), min_pairs=2)
    assert {name: group.pairs for name, group in groups.items()} == {"1-10": 1, "11-20": 2, "21-30": 2, "31+": 2}
    assert groups["1-10"].bleu is None
    assert groups["31+"].bleu == pytest.approx(100)


def test_group_is_scored_as_a_corpus_of_its_own():
    sources = ["one two", "w " * 12, "one", "w " * 15]
    hypotheses = ["a b c d e", "f g h i j", "a b c x e", "f g h i y"]
    references = ["a b c d e", "f g h i z", "a b c d e", "f g h i j"]
    groups = by_source_length(sources, sentence_statistics(hypotheses, references), min_pairs=1)
    assert groups["1-10"].bleu == bleu(hypotheses[::2], references[::2])[0]
    assert groups["11-20"].bleu == bleu(hypotheses[1::2], references[1::2])[0]


def test_exact_share_and_length_ratio():
    """One of two is equal; 3 + 2 words against 3 + 4."""
    hypotheses, references = ["a b c", "a b"], ["a b c", "a b c d"]
    assert exact_share(hypotheses, references) == 0.5
    assert length_ratio(hypotheses, references) == pytest.approx(5 / 7)


def test_token_accuracy_is_by_position():
    """4 5 6 3 against 4 6 6 3: three of four. One token too few shifts all after it: 5 6 3 has none in place."""
    assert token_accuracy([[4, 5, 6, 3]], [[4, 6, 6, 3]]) == 3 / 4
    assert token_accuracy([[5, 6, 3]], [[4, 5, 6, 3]]) == 0.0
    assert token_accuracy([[4, 3], [4, 4, 4, 4]], [[4, 3], [4, 3]]) == 3 / 4
