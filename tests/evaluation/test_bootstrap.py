"""The block bootstrap covers the mean of a series whose neighbours are correlated."""

import numpy as np
import pytest

from gradus.errors import InputError
from gradus.evaluation.bootstrap import BootstrapConfig, mean_interval


def config(block, resamples=400, confidence=0.9):
    return BootstrapConfig(resamples=resamples, block=block, confidence=confidence)


def autocorrelated(rng, n=2000, stay=0.9):
    """A Markov chain on {-1, 1} that keeps its value with probability `stay`: mean 0."""
    flips = np.where(rng.random(n) < stay, 1.0, -1.0)
    return np.cumprod(flips) * rng.choice([-1.0, 1.0])


def test_interval_of_a_constant_is_the_constant():
    assert mean_interval(np.full(30, 2.5), config(7), seed=1) == pytest.approx((2.5, 2.5))


def test_one_block_round_the_circle_is_the_mean():
    """On a circle of n values, every block of n values contains each value once."""
    values = np.arange(9.0)
    assert mean_interval(values, config(9), seed=1) == pytest.approx((4.0, 4.0))
    assert mean_interval(values, config(50), seed=1) == pytest.approx((4.0, 4.0))


def test_independent_values_give_the_normal_interval():
    """Standard error of 2,000 values of deviation 1: 1 / sqrt(2000) = 0.0224; 90% is 1.645 of it each way."""
    values = np.random.default_rng(5).standard_normal(2000)
    low, high = mean_interval(values, config(1, resamples=2000), seed=1)
    assert (high - low) / 2 == pytest.approx(1.645 * values.std() / 2000**0.5, rel=0.1)


def test_blocks_cover_where_single_draws_do_not():
    """Correlation 0.8 between neighbours makes the variance of the mean (1 + 0.8) / (1 - 0.8) = 9 times as large.

    So intervals of single draws are three times too narrow: they cover P(|z| < 1.645 / 3) = 42%, not 90%.
    """
    rng = np.random.default_rng(0)
    covered = {1: 0, 100: 0}
    for trial in range(100):
        values = autocorrelated(rng)
        for block in covered:
            low, high = mean_interval(values, config(block), seed=trial)
            covered[block] += low <= 0 <= high
    assert covered[1] < 60
    assert covered[100] > 78


def test_same_seed_same_interval():
    values = np.random.default_rng(5).standard_normal(50)
    assert mean_interval(values, config(5), seed=3) == mean_interval(values, config(5), seed=3)
    assert mean_interval(values, config(5), seed=3) != mean_interval(values, config(5), seed=4)


def test_resamples_that_do_not_fit_are_refused(monkeypatch):
    """A resample of 30 values in blocks of 10 has 3 starts and 3 means, 48 bytes."""
    monkeypatch.setattr("gradus.memory.available_memory", lambda: 48 * 100)
    mean_interval(np.zeros(30), config(10, resamples=100), seed=1)
    with pytest.raises(InputError, match="^resamples: expected at most 100, for 4.8 kB .* found 101, which needs"):
        mean_interval(np.zeros(30), config(10, resamples=101), seed=1)
