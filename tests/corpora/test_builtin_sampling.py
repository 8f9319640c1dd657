import json
import math
import tracemalloc
from collections import Counter

import numpy as np
import pytest
from builtin_cases import derivations, real_grammar, small_grammar
from expectations import expected_counts
from pydantic import TypeAdapter, ValidationError

from gradus.corpora.builtin.inside import line_nats
from gradus.corpora.builtin.sampling import PAIR_BYTES, BuiltinConfig, sample_pairs
from gradus.errors import InputError

SECTION = {"seed": 1, "topics": 12, "persistence": 0.9, "train_lines": 30, "valid_lines": 20, "test_lines": 10}


def test_relative_frequencies_agree_with_exact_probabilities() -> None:
    n = 20_000
    grammar = small_grammar()
    pairs = sample_pairs(grammar, n, persistence=0.0, rng=np.random.default_rng(1))
    found = Counter((pair.topic, pair.english, pair.german) for pair in pairs)
    exact: Counter[tuple[int, str, str]] = Counter()
    for topic in range(2):
        for derivation in derivations(grammar, topic):
            exact[topic, derivation.english, derivation.german] += 0.5 * derivation.probability
    assert found.keys() <= exact.keys()
    for key, probability in exact.items():
        deviation = math.sqrt(n * probability * (1 - probability))
        assert abs(found[key] - n * probability) < 5 * deviation, key


def test_the_topic_persists_as_often_as_expected() -> None:
    # the topic is kept (0.9), or the same one of two is drawn (0.1 / 2): 0.95
    n = 20_000
    pairs = sample_pairs(small_grammar(), n, persistence=0.9, rng=np.random.default_rng(2))
    topics = np.array([pair.topic for pair in pairs])
    stayed = np.mean(topics[1:] == topics[:-1])
    assert abs(stayed - 0.95) < 5 * math.sqrt(0.95 * 0.05 / n)
    # lag-one correlation 0.9 inflates the variance of a mean by (1 + 0.9) / (1 - 0.9) = 19
    assert abs(np.mean(topics) - 0.5) < 5 * math.sqrt(19 * 0.25 / n)


def test_a_chain_starts_with_any_topic() -> None:
    starts = [sample_pairs(small_grammar(), 1, persistence=1.0, rng=np.random.default_rng(s))[0] for s in range(40)]
    assert {pair.topic for pair in starts} == {0, 1}


def test_the_same_seed_gives_the_same_pairs_and_another_seed_gives_others() -> None:
    first, again, other = (
        sample_pairs(real_grammar(), 20, persistence=0.9, rng=np.random.default_rng(seed)) for seed in (1, 1, 2)
    )
    assert first == again
    assert first != other


def test_every_sampled_sentence_parses_in_both_languages() -> None:
    grammar = real_grammar()
    for pair in sample_pairs(grammar, 400, persistence=0.9, rng=np.random.default_rng(3)):
        assert line_nats(grammar, pair.english, language="en") is not None, pair
        assert line_nats(grammar, pair.german, language="de") is not None, pair


def test_sampled_words_occur_as_often_as_expected() -> None:
    # without persistence the lines are independent
    n = 2000
    pairs = sample_pairs(real_grammar(), n, persistence=0.0, rng=np.random.default_rng(4))
    found = Counter(word for pair in pairs for word in pair.german.split(" "))
    for word, expected in expected_counts(real_grammar(), "de").items():
        # a word may occur several times in a line, so the variance is above that of Poisson; three times is enough
        assert abs(found[word] - n * expected) < 6 * math.sqrt(3 * n * expected) + 3, word
    assert found.keys() <= expected_counts(real_grammar(), "de").keys()


@pytest.mark.parametrize(
    ("key", "value"),
    [("topics", 0), ("persistence", 1.1), ("persistence", -0.1), ("train_lines", 0), ("valid_lines", 2.5)],
)
def test_values_out_of_range_are_refused(key: str, value: float) -> None:
    adapter = TypeAdapter(BuiltinConfig)
    assert adapter.validate_json(json.dumps(SECTION)).topics == 12
    with pytest.raises(ValidationError, match=key):
        adapter.validate_json(json.dumps(SECTION | {key: value}))


def test_more_lines_than_fit_into_memory_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gradus.memory.available_memory", lambda: 50 * PAIR_BYTES)
    assert len(sample_pairs(small_grammar(), 50, persistence=0.0, rng=np.random.default_rng(1))) == 50
    with pytest.raises(
        InputError, match="^lines of a split: expected at most 50, for .* found 1000000000, which needs"
    ):
        sample_pairs(small_grammar(), 10**9, persistence=0.0, rng=np.random.default_rng(1))


def test_a_pair_takes_about_pair_bytes_of_memory() -> None:
    tracemalloc.start()
    pairs = sample_pairs(real_grammar(), 2000, persistence=0.9, rng=np.random.default_rng(1))
    size = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert 0.8 * PAIR_BYTES < size / len(pairs) < 1.5 * PAIR_BYTES
