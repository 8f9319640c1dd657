"""Properties of the built-in corpus at its default size: 12 topics, 10,000 training lines, 2,000 test lines."""

import math
from collections import Counter
from functools import lru_cache

import numpy as np
import pytest
from builtin_cases import real_grammar
from expectations import expected_counts, length_probabilities
from numpy.typing import NDArray

from gradus.corpora.builtin.grammar import Language
from gradus.corpora.builtin.inside import Floors, floors, log_probs
from gradus.corpora.builtin.sampling import Pair, sample_pairs
from gradus.ngram.counting.counts import count_ngrams
from gradus.ngram.smoothing.fit import fit
from gradus.ngram.smoothing.modified_kneser_ney import ModifiedKneserNey
from gradus.text.special import EOS_ID, SPECIAL

TRAIN_LINES, TEST_LINES, PERSISTENCE = 10_000, 2000, 0.9


@lru_cache(maxsize=1)
def corpus() -> tuple[list[Pair], list[Pair]]:
    train, test = np.random.SeedSequence(1).spawn(2)
    return (
        sample_pairs(real_grammar(), TRAIN_LINES, persistence=PERSISTENCE, rng=np.random.default_rng(train)),
        sample_pairs(real_grammar(), TEST_LINES, persistence=PERSISTENCE, rng=np.random.default_rng(test)),
    )


@lru_cache(maxsize=1)
def english_floors() -> tuple[Floors, int]:
    """Compute the floors of the English test text, and its number of tokens with one EOS per line."""
    lines = [pair.english for pair in corpus()[1]]
    n_tokens = sum(len(line.split(" ")) + 1 for line in lines)
    return floors(real_grammar(), lines, language="en", persistence=PERSISTENCE), n_tokens


def token_ids(numbers: dict[str, int], pairs: list[Pair]) -> NDArray[np.int64]:
    words = [word for pair in pairs for word in [*pair.english.split(" "), ""]]
    return np.array([numbers.setdefault(word, len(numbers) + len(SPECIAL) - 1) if word else EOS_ID for word in words])


@pytest.mark.parametrize("language", ["en", "de"])
def test_there_are_many_word_forms_and_each_is_expected_often(language: Language) -> None:
    counts = expected_counts(real_grammar(), language)
    assert len(counts) >= 400
    assert TRAIN_LINES * min(counts.values()) >= 30


def test_word_frequencies_are_zipf_like() -> None:
    # Zipf: frequency is proportional to 1 / rank, which is a slope of -1 on logarithmic axes
    frequencies = np.log(np.sort(list(expected_counts(real_grammar(), "en").values()))[::-1])
    ranks = np.log(np.arange(1, len(frequencies) + 1))
    slope = np.polyfit(ranks, frequencies, 1)[0]
    assert -1.2 < slope < -0.8
    assert np.corrcoef(ranks, frequencies)[0, 1] ** 2 > 0.95


def test_every_bucket_of_source_lengths_has_a_hundred_test_pairs() -> None:
    lengths = length_probabilities(real_grammar(), "en", longest=400)
    assert lengths[40:].sum() > 0.01
    for first, last in ((1, 10), (11, 20), (21, 30), (31, 400)):
        expected = TEST_LINES * lengths[first : last + 1].sum()
        assert expected - 5 * math.sqrt(expected) > 100, (first, last)


def test_most_test_sentences_were_never_seen_in_training() -> None:
    train, test = corpus()
    seen = {pair.english for pair in train}
    assert np.mean([pair.english not in seen for pair in test]) >= 0.8


def test_no_test_word_is_unknown() -> None:
    train, test = corpus()
    known = {word for pair in train for word in pair.english.split(" ")}
    assert all(word in known for pair in test for word in pair.english.split(" "))


def test_unigram_perplexity_is_three_times_the_floor() -> None:
    train, test = corpus()
    counts = Counter(word for pair in train for word in [*pair.english.split(" "), ""])
    words = [word for pair in test for word in [*pair.english.split(" "), ""]]
    nats = -sum(math.log(counts[word] / counts.total()) for word in words)
    floor, n_tokens = english_floors()
    assert len(words) == n_tokens
    assert math.exp(nats / n_tokens) >= 3 * math.exp(floor.line_nats.sum() / n_tokens)


def test_modified_kneser_ney_is_ten_percent_above_the_line_floor() -> None:
    train, test = corpus()
    numbers: dict[str, int] = {"": 0}
    train_ids, test_ids = token_ids(numbers, train), token_ids(numbers, test)
    counts = count_ngrams(train_ids, order=5, vocabulary_size=len(numbers) + len(SPECIAL))
    model = fit(ModifiedKneserNey(kind="modified_kneser_ney", prune=[0]), counts, test_ids[:0]).model(5)
    perplexity = math.exp(-float(model.log_probs(test_ids).mean()))
    floor, n_tokens = english_floors()
    assert perplexity >= 1.1 * math.exp(floor.line_nats.sum() / n_tokens)


def test_the_stream_floor_is_three_percent_below_the_line_floor() -> None:
    floor, _ = english_floors()
    assert floor.stream_nats <= 0.97 * floor.line_nats.sum()


def test_known_topics_give_a_lower_loss_than_the_stream_floor() -> None:
    pairs = corpus()[1][:300]
    line_log_probs = log_probs(real_grammar(), [pair.english for pair in pairs], language="en")
    known_topic_nats = -sum(line_log_probs[index, pair.topic] for index, pair in enumerate(pairs))
    part = floors(real_grammar(), [pair.english for pair in pairs], language="en", persistence=PERSISTENCE)
    assert known_topic_nats < part.stream_nats < part.line_nats.sum()
