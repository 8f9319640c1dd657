"""Perplexity, bits per token and bits per character from nats and counts."""

import math

import numpy as np
import pytest

from gradus.errors import RunError
from gradus.evaluation.cross_entropy import (
    MOST_NATS,
    ROUNDING_NATS,
    Tally,
    make_score,
    make_unnormalised_score,
    perplexity,
    tally,
)
from gradus.results.score import Score


def test_uniform_model_has_perplexity_v():
    """Each of 10 tokens costs ln 8 nats: perplexity 8, 3 bits a token; over 20 characters 1.5 bits each."""
    score = make_score(tally(np.full(10, math.log(8))), characters=20)
    assert score.perplexity == pytest.approx(8)
    assert score.bits_per_token == pytest.approx(3)
    assert score.bits_per_char == pytest.approx(1.5)
    assert (score.tokens, score.zero_tokens) == (10, 0)


def test_probability_zero_leaves_the_counts_alone():
    cost = tally(np.array([1.0, math.inf, 2.0, math.inf]))
    assert cost == Tally(3.0, 4, 2)
    assert make_score(cost, characters=10) == make_unnormalised_score(cost) == Score(tokens=4, zero_tokens=2)


def test_scores_that_are_no_probabilities_have_no_perplexity():
    score = make_unnormalised_score(tally(np.full(4, 2.0)))
    assert score == Score(tokens=4, zero_tokens=0, mean_score_nats=2.0)


def test_bits_per_char_needs_characters():
    assert make_score(tally(np.ones(3))).bits_per_char is None


def test_what_is_not_a_number_is_refused():
    with pytest.raises(RunError, match="are NaN"):
        tally(np.array([1.0, math.nan]))


def test_a_probability_above_one_is_refused_and_has_no_perplexity():
    """An ARPA back-off weight of 5 gives probability e^11.5, and perplexity 0.09 if the rest of the text is easy."""
    with pytest.raises(
        RunError, match=r"e\^11.5, which is above 1, to a token. Therefore the model is not a probability distribution"
    ):
        tally(np.array([1.0, -11.5, 2.0]))
    with pytest.raises(RunError, match=r"the probability e\^0.0011, which is above 1"):
        tally(np.array([3.0, -1.1 * ROUNDING_NATS]))
    with pytest.raises(RunError, match=r"the probability e\^inf, which is above 1"):
        tally(np.array([-math.inf]))


def test_rounding_never_makes_a_perplexity_below_one():
    score = make_score(tally(np.full(4, -0.9 * ROUNDING_NATS)), characters=4)
    assert (score.perplexity, score.nats, score.bits_per_char) == (1.0, 0.0, 0.0)
    assert math.copysign(1, make_score(tally(np.full(4, -0.0))).nats or 0.0) == 1


def test_rounding_within_a_text_is_kept():
    assert make_score(tally(np.array([1.0, -0.5 * ROUNDING_NATS]))).nats == 1.0 - 0.5 * ROUNDING_NATS


@pytest.mark.parametrize("nats", [MOST_NATS * 1.01, 1e300, math.inf])
def test_a_perplexity_that_is_no_number_is_refused(nats):
    with pytest.raises(RunError, match="nats per token, too large to compute a perplexity; the model is broken"):
        perplexity(nats)
    if nats < 1e300:
        with pytest.raises(RunError, match="too large"):
            make_score(tally(np.full(3, nats)))


def test_the_largest_perplexity_is_a_number():
    assert math.isfinite(perplexity(MOST_NATS))
