"""Confidence intervals, p-values and verdicts against scipy, hand-worked examples and simulated experiments."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats
from study_cases import claim, estimate, result

from gradus.reporting.verdicts import holm, replicated, verdicts
from gradus.studies.statistics import BlockLoss, Effect, over_seeds, over_seeds_and_blocks, share_between

Values = NDArray[np.float64]


@pytest.mark.parametrize("margin", [0.0, 0.3, -1.0])
def test_over_seeds_is_the_t_test_of_one_sample(margin: float) -> None:
    values = np.array([0.3, 0.1, 0.45, 0.2, 0.0])
    expected = stats.ttest_1samp(values, margin)
    interval = expected.confidence_interval(0.95)
    found = over_seeds(values, margin)
    assert found.mean == pytest.approx(0.21)  # 1.05 / 5
    assert (found.low, found.high) == pytest.approx((interval.low, interval.high))
    assert found.p_value == pytest.approx(expected.pvalue)


def test_equal_values_give_the_sign_test() -> None:
    """If the sign is a coin that falls on the same side for all n seeds, the p-value is 2 * 2^-n."""
    assert over_seeds(np.full(5, 1.0), 0.0) == Effect(1.0, 1.0, 1.0, 1 / 16)
    assert over_seeds(np.full(12, 1.0), 0.0).p_value == 2.0**-11
    assert over_seeds(np.full(5, 0.25), 0.25).p_value == 1.0


def test_one_seed_gives_the_t_test_over_linearised_differences_of_blocks() -> None:
    tokens = np.array([100, 120, 80, 100])
    worse = BlockLoss(np.array([[330.0, 370.0, 250.0, 310.0]]), tokens)
    better = BlockLoss(np.array([[300.0, 350.0, 230.0, 320.0]]), tokens)
    assert (worse.per_token, better.per_token) == pytest.approx((3.15, 3.0))  # 1260 / 400 and 1200 / 400
    # Linear approximation of a ratio: loss + (nats - loss * tokens) / mean tokens, with 100 tokens on average
    differences = (3.15 + (worse.nats[0] - 3.15 * tokens) / 100) - (3.0 + (better.nats[0] - 3.0 * tokens) / 100)
    expected = stats.ttest_1samp(differences, 0.0)
    interval = expected.confidence_interval(0.95)
    found = over_seeds_and_blocks(worse, better, 0.0)
    assert (found.mean, found.low, found.high) == pytest.approx((0.15, interval.low, interval.high))
    assert found.p_value == pytest.approx(expected.pvalue)


def test_with_equal_blocks_the_interval_is_that_over_seeds() -> None:
    """If all blocks agree, only the seeds vary: the t-test over the seeds' means."""
    by_seed = np.array([0.1, 0.2, 0.4])
    tokens = np.full(6, 10)
    better = BlockLoss(np.full((3, 6), 30.0), tokens)
    worse = BlockLoss(30.0 + 10 * np.repeat(by_seed[:, None], 6, axis=1), tokens)
    found, expected = over_seeds_and_blocks(worse, better, 0.0), over_seeds(by_seed, 0.0)
    assert (found.low, found.high, found.p_value) == pytest.approx((expected.low, expected.high, expected.p_value))


TRUE_EFFECT = 0.05
SEEDS, BLOCKS, DRAWS = 5, 20, 400


def draw(rng: np.random.Generator) -> tuple[BlockLoss, BlockLoss]:
    """Draw two models whose difference varies over the seeds, over the blocks and over their combinations."""
    tokens = rng.integers(80, 120, BLOCKS)
    text = rng.normal(0, 0.5, BLOCKS)  # difficulty of a block, the same for both models
    of_seed, of_block = rng.normal(0, 0.03, (SEEDS, 1)), rng.normal(0, 0.06, BLOCKS)
    better = 3.0 + text + rng.normal(0, 0.02, (SEEDS, BLOCKS))
    worse = 3.0 + text + TRUE_EFFECT + of_seed + of_block + rng.normal(0, 0.02, (SEEDS, BLOCKS))
    return BlockLoss(worse * tokens, tokens), BlockLoss(better * tokens, tokens)


def seeds_alone(worse: BlockLoss, better: BlockLoss) -> Effect:
    return over_seeds(worse.linearised().mean(axis=1) - better.linearised().mean(axis=1), 0.0)


def blocks_alone(worse: BlockLoss, better: BlockLoss) -> Effect:
    return over_seeds(worse.linearised().mean(axis=0) - better.linearised().mean(axis=0), 0.0)


def pooled(worse: BlockLoss, better: BlockLoss) -> Effect:
    """Take all cells for independent."""
    return over_seeds((worse.linearised() - better.linearised()).ravel(), 0.0)


def coverage(interval: Callable[[BlockLoss, BlockLoss], Effect]) -> float:
    """Return the share of simulated experiments whose interval contains the true effect."""
    rng = np.random.default_rng(11)
    found = [interval(*draw(rng)) for _ in range(DRAWS)]
    return float(np.mean([each.low <= TRUE_EFFECT <= each.high for each in found]))


def test_the_interval_covers_the_true_effect_and_intervals_over_one_factor_do_not() -> None:
    """With 400 draws, the standard error of a coverage of 95% is 1.1%.

    Variance of the mean: 0.03^2 / 5 = 1.8e-4 from the seeds, 0.06^2 / 20 = 1.8e-4 from the blocks. An interval that
    sees half of the variance covers about 2 Phi(2 / sqrt(2)) - 1 = 84% with many degrees of freedom.
    """
    crossed = coverage(lambda worse, better: over_seeds_and_blocks(worse, better, 0.0))
    assert 0.925 <= crossed <= 0.985
    assert coverage(blocks_alone) < 0.88
    assert coverage(pooled) < 0.75
    assert coverage(seeds_alone) < crossed


def test_under_the_null_hypothesis_five_per_cent_are_significant() -> None:
    rng = np.random.default_rng(12)
    p_values = [over_seeds_and_blocks(*draw(rng), TRUE_EFFECT).p_value for _ in range(DRAWS)]
    assert np.mean(np.array(p_values) <= 0.05) <= 0.085


def test_the_share_between_groups_is_the_intraclass_correlation() -> None:
    # Three groups of two: means 1, 3, 5; within each group the variance is 2 * 0.5^2 = 0.5.
    groups = np.array([[0.5, 1.5], [2.5, 3.5], [4.5, 5.5]])
    # MS_between = 2 * var(1, 3, 5) = 8; share = (8 - 0.5) / (8 + 0.5)
    found = share_between(groups, 0.0)
    assert found.mean == pytest.approx(7.5 / 8.5)
    expected = stats.f_oneway(*groups)  # the same test if the margin is zero; one-sided
    assert found.p_value == pytest.approx(2 * expected.pvalue)
    # At the bound of a 95% interval the two-sided p-value is 5%.
    assert share_between(groups, found.low).p_value == pytest.approx(0.05)
    assert share_between(groups[:1].repeat(3, axis=0), 0.0).mean < 0  # equal means: less than by chance
    assert share_between(np.array([[1.0, 1.0], [2.0, 2.0]]), 0.5).mean == 1.0


def test_holm_on_a_worked_example() -> None:
    # Sorted: 0.01, 0.02, 0.03, 0.04 times 4, 3, 2, 1 = 0.04, 0.06, 0.06, 0.04; the running maximum ends at 0.06.
    assert holm([0.03, 0.01, 0.04, 0.02]) == pytest.approx([0.06, 0.04, 0.06, 0.06])
    assert holm([0.6, 0.5]) == [1.0, 1.0]  # 2 * 0.5, and at most 1
    assert holm([]) == []


@given(st.lists(st.floats(0, 1), max_size=12))
def test_adjusted_p_values_keep_the_order_and_are_never_below_the_raw_ones(p_values: list[float]) -> None:
    adjusted = holm(p_values)
    assert all(raw <= each <= 1 for raw, each in zip(p_values, adjusted, strict=True))
    pairs = sorted(zip(p_values, adjusted, strict=True))
    assert [each for _, each in pairs] == sorted(adjusted)
    assert all(each <= min(1.0, len(p_values) * raw) + 1e-12 for raw, each in pairs)  # at most Bonferroni


@pytest.mark.parametrize(
    ("effect", "margin", "p_value", "expected"),
    [
        (0.2, 0.1, 0.01, "holds"),
        (0.05, 0.1, 0.01, "fails"),  # positive, but significantly below the margin
        (-0.2, 0.0, 0.05, "fails"),
        (0.2, 0.1, 0.0501, "undecided"),
        (0.1, 0.1, 1.0, "undecided"),
        (-0.01, -0.05, 0.0, "holds"),
        (-0.05, -0.05, 0.0, "fails"),  # an exact effect must be larger than its margin
    ],
)
def test_a_verdict_depends_on_the_side_of_the_margin(
    effect: float, margin: float, p_value: float, expected: str
) -> None:
    study = result(claim(estimate(effect, p_value), margin=margin))
    assert [verdict for *_, verdict in verdicts({"study": study})] == [expected]


def test_verdicts_of_all_studies_are_corrected_together() -> None:
    one = result(claim(estimate(0.2, 0.03)))
    assert [verdict for *_, verdict in verdicts({"one": one})] == ["holds"]
    # 2 * 0.03 = 0.06 for the smaller one, and the larger one is at least that.
    assert [verdict for *_, verdict in verdicts({"one": one, "two": result(claim(estimate(0.2, 0.04)))})] == [
        "undecided"
    ] * 2


def test_a_replication_is_judged_on_the_same_corpus_and_by_bonferroni() -> None:
    again = replace(claim(estimate(0.2, 0.01)), replications=[replace(estimate(-0.2, 0.01), corpus="other")])
    assert replicated(again, again.estimates[0], 3) is None
    again = replace(again, replications=[estimate(-0.2, 0.01)])
    assert replicated(again, again.estimates[0], 5) == "fails"
    assert replicated(again, again.estimates[0], 6) == "undecided"  # 6 * 0.01 > 0.05
