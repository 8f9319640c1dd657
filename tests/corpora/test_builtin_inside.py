import math
from collections import Counter
from itertools import product

import numpy as np
import pytest
from builtin_cases import derivations, real_grammar, small_grammar
from expectations import expected_counts, length_probabilities
from hypothesis import given
from hypothesis import strategies as st

from gradus.corpora.builtin.grammar import Grammar, Language, parse_grammar
from gradus.corpora.builtin.inside import floors, line_nats, log_probs, stream_nats
from gradus.corpora.builtin.sampling import sample_pairs
from gradus.errors import InputError

LANGUAGES: tuple[Language, ...] = ("en", "de")


def enumerated(grammar: Grammar, language: Language) -> dict[str, list[float]]:
    """Compute P(line | z) of every line and topic by adding up all derivations."""
    totals: dict[str, list[float]] = {}
    for topic in range(grammar.topics):
        for derivation in derivations(grammar, topic):
            line = derivation.english if language == "en" else derivation.german
            totals.setdefault(line, [0.0] * grammar.topics)[topic] += derivation.probability
    return totals


@pytest.mark.parametrize("language", LANGUAGES)
def test_inside_sums_equal_enumeration(language: Language) -> None:
    grammar = small_grammar()
    expected = enumerated(grammar, language)
    lines = sorted(expected)
    np.testing.assert_allclose(
        np.exp(log_probs(grammar, lines, language=language)), [expected[line] for line in lines], rtol=1e-12
    )


def test_the_probability_of_an_ambiguous_line_is_the_sum_over_its_derivations() -> None:
    # Dogs fish: N V = 1/2 * p(dogs) p(fish | V), or N W = 1/3 * p(dogs) p(fish | W)
    # topic 0: p(dogs) = 3/4, p(fish | V) = 1/3, p(fish | W) = 1/6; topic 1: 1/3, 4/6, 1/2
    expected = [3 / 4 * (1 / 2 * 1 / 3 + 1 / 3 * 1 / 6), 1 / 3 * (1 / 2 * 4 / 6 + 1 / 3 * 1 / 2)]
    found = log_probs(small_grammar(), ["Dogs fish"], language="en")
    np.testing.assert_allclose(np.exp(found), [expected], rtol=1e-14)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_probabilities_of_all_lines_sum_to_one_under_every_topic(language: Language) -> None:
    grammar = small_grammar()
    lines = sorted(enumerated(grammar, language))
    total = np.exp(log_probs(grammar, lines, language=language)).sum(axis=0)
    np.testing.assert_allclose(total, [1.0, 1.0], rtol=1e-13)


@pytest.mark.parametrize("language", LANGUAGES)
def test_one_line_costs_what_the_floor_of_a_text_counts_for_it(language: Language) -> None:
    grammar = real_grammar()
    pairs = sample_pairs(grammar, 50, persistence=0.9, rng=np.random.default_rng(5))
    lines = [pair.english if language == "en" else pair.german for pair in pairs]
    expected = floors(grammar, lines, language=language, persistence=0.9).line_nats
    np.testing.assert_allclose([line_nats(grammar, line, language=language) for line in lines], expected, rtol=1e-12)


@given(
    numbers=st.lists(st.integers(0, 10**6), min_size=1, max_size=4),
    persistence=st.floats(0.0, 1.0),
    language=st.sampled_from(LANGUAGES),
)
def test_both_floors_equal_the_sum_over_all_sequences_of_topics(
    numbers: list[int], persistence: float, language: Language
) -> None:
    grammar = small_grammar()
    probabilities = enumerated(grammar, language)
    lines = [sorted(probabilities)[number % len(probabilities)] for number in numbers]
    total = 0.0
    for topics in product(range(2), repeat=len(lines)):
        joint = 1.0
        for index, (line, topic) in enumerate(zip(lines, topics, strict=True)):
            kept = persistence * (topic == topics[index - 1]) if index else 0.0
            joint *= (kept + (1.0 - persistence if index else 1.0) * 0.5) * probabilities[line][topic]
        total += joint
    found = floors(grammar, lines, language=language, persistence=persistence)
    assert found.stream_nats == pytest.approx(-math.log(total), rel=1e-12)
    np.testing.assert_allclose(found.line_nats, [-math.log(np.mean(probabilities[line])) for line in lines], rtol=1e-12)


def test_without_persistence_or_with_one_topic_the_floors_are_equal() -> None:
    lines = [pair.english for pair in sample_pairs(small_grammar(), 50, persistence=0.9, rng=np.random.default_rng(1))]
    for grammar, persistence in ((small_grammar(), 0.0), (small_grammar(topics=1), 0.9)):
        found = floors(grammar, lines, language="en", persistence=persistence)
        assert found.stream_nats == pytest.approx(found.line_nats.sum(), rel=1e-12)


def test_a_text_without_lines_has_probability_one() -> None:
    assert stream_nats(np.empty((0, 2)), stationary=np.array([0.5, 0.5]), persistence=0.9) == 0.0


def test_a_line_outside_the_grammar_is_refused() -> None:
    with pytest.raises(InputError, match=r"line 2: expected a sentence of the grammar, found Dogs swim run"):
        floors(small_grammar(), ["Dogs swim", "Dogs swim run"], language="en", persistence=0.9)


def test_long_lines_do_not_underflow() -> None:
    # 400 words of probability 1/1000 make e^-2763; the smallest float64 is e^-745; the rules have probability 1
    rules = "%start\tS\n%depth\t0\nS\t1\t" + "\t".join([" ".join(f"N#{n}" for n in range(400))] * 2)
    lexicon = "%themes\tall\n" + "\n".join(f"N\t-\t1\t-\ten{n}\tde{n}" for n in range(1000))
    grammar = parse_grammar(rules, lexicon, topics=1)
    line = " ".join(["En7"] + ["en7"] * 399)
    found = floors(grammar, [line], language="en", persistence=0.5)
    assert found.line_nats[0] == pytest.approx(400 * math.log(1000))


def test_a_probability_too_small_for_float64_is_an_error() -> None:
    steps = "\n".join(f'S{n}\t1e-30\t"a" S{n + 1}\t"a" S{n + 1}\nS{n}\t1\t"b"\t"b"' for n in range(12))
    rules = f'%start\tS0\n%depth\t0\n{steps}\nS12\t1\t"b"\t"b"'  # 12 rules of 1e-30: 1e-360
    grammar = parse_grammar(rules, "%themes\tall\nX\t-\t1\t-\tx\tx", topics=1)
    with pytest.raises(FloatingPointError, match="line 1: the probability of this line is too small for float64"):
        log_probs(grammar, ["A " + "a " * 11 + "b"], language="en")


@pytest.mark.parametrize("language", LANGUAGES)
def test_expected_counts_and_lengths_equal_enumeration(language: Language) -> None:
    grammar = small_grammar()
    counts: Counter[str] = Counter()
    lengths = np.zeros(8)
    for line, probabilities in enumerated(grammar, language).items():
        for word in line.split(" "):
            counts[word] += float(np.mean(probabilities))
        lengths[len(line.split(" "))] += np.mean(probabilities)
    assert expected_counts(grammar, language) == pytest.approx(dict(counts), rel=1e-12)
    np.testing.assert_allclose(length_probabilities(grammar, language, longest=7), lengths, rtol=1e-12)


def test_lengths_of_the_real_grammar_sum_to_one_and_agree_with_expected_counts() -> None:
    lengths = length_probabilities(real_grammar(), "en", longest=400)
    assert lengths.sum() == pytest.approx(1.0)
    assert lengths @ np.arange(401) == pytest.approx(sum(expected_counts(real_grammar(), "en").values()))
    assert lengths[:3].sum() == 0.0
    assert lengths[3] > 0.0
