"""Absolute discounts against arithmetic by hand, and the fallback where none can be estimated."""

import numpy as np
import pytest

from gradus.ngram.smoothing.discounts import Recount, estimate_discounts


def test_the_three_discounts_of_modified_kneser_ney():
    # n1 = 4, n2 = 3, n3 = 2, n4 = 1: Y = 4 / (4 + 6) = 0.4;
    # D1 = 1 - 2 Y 3/4 = 0.4, D2 = 2 - 3 Y 2/3 = 1.2, D3+ = 3 - 4 Y 1/2 = 2.2
    counts = np.array([1] * 4 + [2] * 3 + [3] * 2 + [4] + [0, 9])
    assert estimate_discounts(counts, 3)[0] == pytest.approx((0.4, 1.2, 2.2))
    assert estimate_discounts(counts, 1)[0] == pytest.approx((0.4,))


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ([1] * 2 + [2] + [3], (1 / 2, 1 / 2, 3.0)),  # Y = 2 / 4, D2 = 2 - 3 Y; n4 = 0: D3+ takes a count of 3 whole
        ([1] + [2] + [3] * 2 + [4], (1 / 3, 0.0, 7 / 3)),  # Y = 1/3, D2 = 2 - 3 Y 2 = 0; D3+ = 3 - 4 Y / 2
        ([1] * 5 + [2] * 7 + [3] * 3 + [4], (5 / 19, 2 - 45 / 133, 3 - 20 / 57)),
    ],
)
def test_a_discount_may_be_zero_or_the_whole_count(counts, expected):
    assert estimate_discounts(np.array(counts), 3) == (pytest.approx(expected, abs=1e-15), None)


def test_an_ngram_can_enter_the_counts_of_counts_with_another_count():
    # n1 = 4, n2 = 3, n3 = 2, n4 = 1 become 3, 3, 2, 2: Y = 3 / 9, D2 = 2 - 3 Y 2/3, D3+ = 3 - 4 Y 2/2
    counts = np.array([1] * 4 + [2] * 3 + [3] * 2 + [4] + [0, 9])
    assert estimate_discounts(counts, 3, recount=Recount(own=1, used=4))[0] == pytest.approx((1 / 3, 4 / 3, 5 / 3))
    assert estimate_discounts(counts, 3, recount=Recount(own=9, used=9)) == estimate_discounts(counts, 3)


@pytest.mark.parametrize(
    ("counts", "n_discounts", "expected", "message"),
    [
        ([1, 1, 2, 4], 3, (0.5, 1.0, 1.5), "no n-gram has count exactly 3 (n3 = 0)"),
        ([2, 2, 3, 4], 3, (0.5, 1.0, 1.5), "no n-gram has count exactly 1 (n1 = 0)"),
        ([1, 1, 1], 1, (0.5,), "no n-gram has count exactly 2 (n2 = 0)"),
        ([1, 2, 3, 3, 3], 3, (0.5, 1.0, 1.5), "D2 = -1 is negative"),  # Y = 1/3, D2 = 2 - 3
        ([], 3, (0.5, 1.0, 1.5), "no n-gram has count exactly 1 (n1 = 0)"),
    ],
)
def test_discounts_that_cannot_be_estimated_fall_back(counts, n_discounts, expected, message):
    assert estimate_discounts(np.array(counts, dtype=np.int64), n_discounts) == (expected, message)
