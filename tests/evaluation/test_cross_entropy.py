"""Perplexity, bits per token and bits per character from nats and counts."""

import math

import numpy as np
import pytest

from gradus.errors import RunError
from gradus.evaluation.cross_entropy import MOST_NATS, ROUNDING_NATS, Tally, measures, perplexity, tally


def test_uniform_model_has_perplexity_v():
    """Each of 10 tokens costs ln 8 nats: perplexity 8, 3 bits a token; over 20 characters 1.5 bits each."""
    result = measures(tally(np.full(10, math.log(8))), characters=20)
    assert result["perplexity"] == pytest.approx(8)
    assert result["bits_per_token"] == pytest.approx(3)
    assert result["bits_per_char"] == pytest.approx(1.5)
    assert result["tokens"] == 10
    assert result["zero_tokens"] == 0


def test_probability_zero_leaves_the_counts_alone():
    cost = tally(np.array([1.0, math.inf, 2.0, math.inf]))
    assert cost == Tally(3.0, 4, 2)
    assert measures(cost, characters=10) == {"tokens": 4, "zero_tokens": 2}


def test_bits_per_char_needs_characters():
    assert "bits_per_char" not in measures(tally(np.ones(3)))


def test_what_is_not_a_number_is_refused():
    with pytest.raises(RunError, match="not numbers"):
        tally(np.array([1.0, math.nan]))


def test_a_probability_above_one_is_refused_and_has_no_perplexity():
    """An ARPA back-off of 5 gives e^11.5 and a perplexity of 0.09 where the rest of the text is easy."""
    with pytest.raises(
        RunError, match=r"more than probability 1, e\^11.5: it is no distribution, and has no perplexity"
    ):
        tally(np.array([1.0, -11.5, 2.0]))
    with pytest.raises(RunError, match=r"probability 1, e\^0.0011"):
        tally(np.array([3.0, -1.1 * ROUNDING_NATS]))
    with pytest.raises(RunError, match=r"probability 1, e\^inf"):
        tally(np.array([-math.inf]))


def test_rounding_never_makes_a_perplexity_below_one():
    result = measures(tally(np.full(4, -0.9 * ROUNDING_NATS)), characters=4)
    assert (result["perplexity"], result["nats"], result["bits_per_char"]) == (1.0, 0.0, 0.0)
    assert math.copysign(1, measures(tally(np.full(4, -0.0)))["nats"]) == 1


def test_rounding_within_a_text_is_kept():
    assert measures(tally(np.array([1.0, -0.5 * ROUNDING_NATS])))["nats"] == 1.0 - 0.5 * ROUNDING_NATS


@pytest.mark.parametrize("nats", [MOST_NATS * 1.01, 1e300, math.inf])
def test_a_perplexity_that_is_no_number_is_refused(nats):
    with pytest.raises(RunError, match="nats per token, and e to that is no number; the model is broken"):
        perplexity(nats)
    if nats < 1e300:
        with pytest.raises(RunError, match="no number"):
            measures(tally(np.full(3, nats)))


def test_the_largest_perplexity_is_a_number():
    assert math.isfinite(perplexity(MOST_NATS))
