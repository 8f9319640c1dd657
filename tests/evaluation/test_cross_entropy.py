"""Perplexity, bits per token and bits per character from nats and counts."""

import math

import numpy as np
import pytest

from gradus.errors import RunError
from gradus.evaluation.cross_entropy import Tally, measures, tally


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
