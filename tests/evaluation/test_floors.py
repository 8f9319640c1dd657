"""Floors of a known source, and refusal of models below them."""

import math

import numpy as np
import pytest

from gradus.errors import RunError
from gradus.evaluation.language_models.floors import Floors, refuse_leak

FLOORS = Floors(line_nats=110.0, stream_nats=100.0, by_line=np.array([50.0, 60.0]))


def test_a_leak_is_more_than_twenty_nats_below_the_stream_floor():
    refuse_leak("lucky", 80.0, FLOORS)  # 20 nats below, not more
    refuse_leak("worse than the source", math.inf, FLOORS)
    with pytest.raises(RunError, match=r"leak: copycat .* 20\.5 nats below"):
        refuse_leak("copycat", 79.5, FLOORS)


def test_no_honest_model_beats_the_source_by_much():
    """50 tosses of a fair coin cost ln 2 each; a model that knows every result gains 50 ln 2 = 34.7 nats."""
    floors = Floors(50 * math.log(2), 50 * math.log(2), np.full(1, 50 * math.log(2)))
    rng = np.random.default_rng(0)
    for _ in range(200):
        bias = rng.uniform(0.1, 0.9)
        heads = rng.binomial(50, 0.5)
        refuse_leak("biased", -heads * math.log(bias) - (50 - heads) * math.log(1 - bias), floors)
    with pytest.raises(RunError, match="leak"):
        refuse_leak("oracle", 0.0, floors)


def test_each_context_has_its_floor():
    assert (FLOORS.nats("line"), FLOORS.nats("stream")) == (110.0, 100.0)
