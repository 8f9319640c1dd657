"""Claims, plots and tables from made-up runs whose arithmetic is written out."""

import math
from typing import Any

import numpy as np
import pytest
from scipy import stats
from study_cases import run, study

from gradus.errors import InputError
from gradus.results.study import Estimate
from gradus.studies.claims import claim_results
from gradus.studies.figures import study_plots, study_rows
from gradus.studies.runs import StudyRun

SEEDS = (1, 2, 3)


def estimate(claim: dict[str, Any], runs: list[StudyRun], **changes: Any) -> Estimate:
    """Return the only estimate of a study's only claim."""
    ((found,),) = (each.estimates for each in claim_results(study(claim, **changes), {"text": runs}))
    return found


def losses(**nats: list[list[float]]) -> list[StudyRun]:
    """Return one run per seed from dict: model to nats, shape (seeds, blocks)."""
    return [run(seed, losses={model: each[i] for model, each in nats.items()}) for i, seed in enumerate(SEEDS)]


def values(**numbers: list[float]) -> list[StudyRun]:
    """Return one run per seed; each model has the quantity `x`."""
    return [run(seed, {model: {"x": each[i]} for model, each in numbers.items()}) for i, seed in enumerate(SEEDS)]


def better(*worse: str, **more: Any) -> dict[str, Any]:
    return {"sentence": "One is better.", "better": "one", "worse": list(worse), "loss": "line", **more}


def larger(*than: Any, **more: Any) -> dict[str, Any]:
    return {"sentence": "One is larger.", "larger": "one.x", "than": list(than), "unit": "units", **more}


ONE = [[20.0, 24.0], [21.0, 23.0], [19.0, 25.0]]
TWO = [[25.0, 29.0], [26.5, 28.0], [24.0, 30.5]]


def test_the_effect_of_a_better_model_is_the_difference_of_losses_per_token() -> None:
    found = estimate(better("two"), losses(one=ONE, two=TWO))
    # Sums over three seeds: 132 and 163 nats in 2 blocks of 10 tokens: 132 / 60 = 2.2 and 163 / 60.
    assert found.effect == pytest.approx(163 / 60 - 2.2)
    assert (found.seeds, found.blocks, found.rival, found.exact) == ([1, 2, 3], 2, "two", False)
    assert found.values == {
        "perplexity of one (line)": pytest.approx(math.exp(2.2)),
        "perplexity of two (line)": pytest.approx(math.exp(163 / 60)),
    }
    assert found.low < found.effect < found.high


def test_against_several_rivals_the_closest_is_shown_and_the_largest_p_value_counts() -> None:
    near = [[22.0, 24.5], [23.5, 24.0], [20.0, 26.5]]
    runs = losses(one=ONE, two=TWO, three=near)
    two, three = (estimate(better(rival), runs) for rival in ("two", "three"))
    both = estimate(better("two", "three"), runs)
    assert 0 < three.effect < two.effect and three.p_value > two.p_value
    assert (both.effect, both.rival, both.p_value) == (three.effect, "three", three.p_value)


def test_the_p_value_is_the_largest_although_the_closest_rival_has_a_smaller_one() -> None:
    # Differences to two: 1, 1.01, 0.99 (small, and sure); to three: 2, 8, 5 (large, and unsure).
    runs = values(one=[10.0, 10.0, 10.0], two=[9.0, 8.99, 9.01], three=[8.0, 2.0, 5.0])
    found = estimate(larger("two.x", "three.x"), runs)
    assert found.rival == "two.x" and found.effect == pytest.approx(1.0)
    assert found.p_value == pytest.approx(stats.ttest_1samp([2.0, 8.0, 5.0], 0.0).pvalue)


def test_a_refutation_is_multiplied_by_the_number_of_rivals() -> None:
    runs = values(one=[1.0, 1.0, 1.0], two=[1.5, 1.6, 1.4], three=[0.0, 0.1, 0.2])
    found = estimate(larger("two.x", "three.x"), runs)
    assert found.rival == "two.x" and found.effect == pytest.approx(-0.5)
    assert found.p_value == pytest.approx(2 * stats.ttest_1samp([-0.5, -0.6, -0.4], 0.0).pvalue)
    none = estimate(larger("one.x", "one.x"), runs)  # 2 * 1, and at most 1
    assert none.p_value == 1.0


def test_a_rival_can_be_scored_with_another_loss() -> None:
    runs = [run(seed, losses={"one": [20.0, 24.0 + seed]}) for seed in SEEDS]
    for each in runs:
        each.losses["two"] = {"stream": each.losses["one"]["line"]}
    found = estimate(better("two", worse_loss="stream"), runs)
    assert found.effect == 0.0 and list(found.values) == ["perplexity of one (line)", "perplexity of two (stream)"]


def test_larger_differences_ratios_and_quotients() -> None:
    runs = values(one=[4.0, 6.0, 8.0], two=[2.0, 3.0, 1.0])
    # 2, 3, 7: mean 4
    difference = estimate(larger("two.x"), runs)
    assert difference.effect == pytest.approx(4.0) and difference.blocks is None
    assert difference.p_value == pytest.approx(stats.ttest_1samp([2, 3, 7], 0).pvalue)
    assert difference.values == {"one.x": 6.0, "two.x": 2.0}
    # ln 2, ln 2, ln 8: mean ln(32) / 3
    ratio = estimate(larger("two.x", ratio=True, by=0.1), runs)
    assert ratio.effect == pytest.approx(math.log(32) / 3)
    assert ratio.p_value == pytest.approx(stats.ttest_1samp(np.log([2, 2, 8]), 0.1).pvalue)
    # quotients 2, 2, 8 against the number 1.5: mean 4 - 1.5
    quotient = estimate(larger(1.5, larger="one.x / two.x"), runs)
    assert quotient.effect == pytest.approx(2.5)
    assert quotient.values == {"one.x / two.x": 4.0, "1.5": 1.5}


def test_nearer_compares_distances_to_a_third_quantity() -> None:
    runs = values(one=[9.0, 12.0, 10.0], two=[7.0, 14.0, 13.0], three=[10.0, 10.0, 10.0])
    claim = {"sentence": "n", "nearer": "one.x", "to": "three.x", "than": ["two.x"], "unit": "u"}
    found = estimate(claim, runs)
    # Distances 1, 2, 0 against 3, 4, 3: differences 2, 2, 3
    assert found.effect == pytest.approx(7 / 3)
    assert found.values == {"one.x": pytest.approx(31 / 3), "two.x": pytest.approx(34 / 3), "three.x": 10.0}


def test_counts_are_exact_and_one_seed_suffices() -> None:
    one_seed = {"corpora": {"text": {"seeds": [1]}}}
    runs = [run(1, {"one": {"x": 0.75}, "two": {"x": 0.5}})]
    found = estimate(larger("two.x", exact=True, by=0.1), runs, **one_seed)
    assert (found.effect, found.low, found.high, found.p_value, found.exact) == (0.25, 0.25, 0.25, 0.0, True)
    same = estimate(larger("two.x", exact=True, by=0.25), runs, **one_seed)
    assert same.p_value == 1.0  # neither above nor below the margin


def test_too_few_seeds_are_refused() -> None:
    two_seeds = {"corpora": {"text": {"seeds": [1, 2]}}}
    with pytest.raises(InputError, match="One is larger.: expected at least 3 seeds, found 2 seeds; add seeds"):
        estimate(larger("two.x"), values(one=[1.0] * 3, two=[2.0] * 3)[:2], **two_seeds)
    with pytest.raises(InputError, match="One is better.: expected at least 3 seeds, found 2 seeds"):
        estimate(better("two"), losses(one=ONE, two=TWO)[:2], **two_seeds)
    one_seed = {"corpora": {"text": {"seeds": [1]}}}
    with pytest.raises(InputError, match="found 1 seed; add seeds"):
        estimate(larger("two.x"), values(one=[1.0] * 3, two=[2.0] * 3)[:1], **one_seed)
    # n-gram models do not depend on the seed; with one seed, the blocks give the interval.
    assert estimate(better("two"), losses(one=ONE, two=TWO)[:1], **one_seed).seeds == [1]


def test_no_estimate_before_the_last_seed() -> None:
    (claim,) = claim_results(study(better("two")), {"text": losses(one=ONE, two=TWO)[:2]})
    assert claim.estimates == claim.replications == []


def test_other_seeds_are_a_replication() -> None:
    own = values(one=[2.0, 2.5, 3.0], two=[1.0, 1.0, 1.0])
    others = [run(seed, {"one": {"x": float(seed)}, "two": {"x": 1.0}}) for seed in (11, 12, 13)]
    (claim,) = claim_results(study(larger("two.x")), {"text": own + others})
    assert [each.effect for each in claim.estimates] == [pytest.approx(1.5)]
    (again,) = claim.replications
    assert again.seeds == [11, 12, 13] and again.effect == pytest.approx(11.0)
    (claim,) = claim_results(study(larger("two.x")), {"text": own + others[:2]})
    assert claim.replications == []  # two seeds are too few


def test_a_claim_can_be_about_some_corpora() -> None:
    corpora = {name: {"seeds": list(SEEDS)} for name in ("text", "other")}
    runs = values(one=[2.0, 2.5, 3.0], two=[1.0, 1.0, 1.0])
    claims = claim_results(
        study(larger("two.x"), larger("two.x", corpora=["other"]), corpora=corpora), {"text": runs, "other": runs}
    )
    assert [[each.corpus for each in claim.estimates] for claim in claims] == [["text", "other"], ["other"]]


def test_the_variance_between_corpora() -> None:
    corpora = {name: {"seeds": [1, 2]} for name in ("text", "other", "third")}
    own = study({"sentence": "v", "varies": "one.x", "by": 0.5}, corpora=corpora)
    numbers = {"text": (0.5, 1.5), "other": (2.5, 3.5), "third": (4.5, 5.5)}
    runs = {name: [run(seed, {"one": {"x": pair[seed - 1]}}) for seed in (1, 2)] for name, pair in numbers.items()}
    (claim,) = claim_results(own, runs)
    (found,) = claim.estimates
    # Means 1, 3, 5 have the deviation 2; each corpus has the variance 0.5; share (8 - 0.5) / (8 + 0.5)
    assert found.effect == pytest.approx(7.5 / 8.5)
    assert found.values == {
        "deviation between corpora": pytest.approx(2.0), "deviation over seeds": pytest.approx(math.sqrt(0.5))
    }  # fmt: skip
    (claim,) = claim_results(own, runs | {"third": runs["third"][:1]})
    assert claim.estimates == []


@pytest.mark.parametrize(
    ("claim", "message"),
    [
        (larger("two.y"), "two.y: expected a number in the results, found nothing"),
        (larger("two.list"), "two.list: expected a number in the results, found a list"),
        (larger("two.x / three.x"), "two.x / three.x: expected a divisor other than zero"),
        (larger("three.x", ratio=True), "One is larger.: expected positive quantities in a ratio"),
    ],
)
def test_quantities_that_cannot_be_compared_are_refused(claim: dict[str, Any], message: str) -> None:
    numbers: dict[str, dict[str, Any]] = {"one": {"x": 1.0}, "two": {"x": 1.0, "list": [1.0]}, "three": {"x": 0.0}}
    with pytest.raises(InputError, match=message):
        estimate(claim, [run(seed, numbers) for seed in SEEDS])


def test_enormous_values_of_diverged_trainings_are_cut() -> None:
    runs = values(one=[1e300, 2e300, 1.5e300], two=[1.0, 1.0, 1.0])
    assert estimate(larger("two.x"), runs).effect == pytest.approx(1e15)
    assert estimate(larger(0.5, larger="one.x / two.x"), runs).effect == pytest.approx(1e15)
    found = estimate(better("two"), losses(one=ONE, two=[[9e4, 8e4], [7e4, 9e4], [8e4, 8e4]]))
    assert found.values["perplexity of two (line)"] == 1e15  # e^8000 is no float
    plots = {"p": {"x": "x", "y": "y", "lines": {"line": {"points": {"one.x": 1}}}}}
    own = study(larger("two.x"), plots=plots, columns={"number": "x"})
    assert study_plots(own, {"text": runs})["p"][0].lines["line"][0].y == 1e15
    assert study_rows(own, {"text": runs})[0].cells["number"].mean == 1e15


def test_points_have_the_t_interval_and_lists_are_as_long_as_the_shortest() -> None:
    lines = {
        "numbers": {"points": {"one.x": 1, "two.x": 4, "two.x / one.x": 5}},
        "list": {"values": "one.costs", "at": "one.lengths"},
    }
    plots = {"p": {"x": "tokens", "y": "nats", "lines": lines, "log_x": True}}
    own = study(larger("two.x"), plots=plots)
    runs = [
        run(seed, {"one": {"x": float(seed), "lengths": [1, 2, 4], "costs": costs}, "two": {"x": 5.0}})
        for seed, costs in ((1, [0.5, 0.25, 0.1]), (2, [0.6, 0.35]), (3, [0.7, 0.3, 0.2]))
    ]
    (drawn,) = study_plots(own, {"text": runs, "other": []})["p"]
    assert (drawn.corpus, drawn.x, drawn.y, drawn.log_x, drawn.log_y) == ("text", "tokens", "nats", True, False)
    one, two, quotient = drawn.lines["numbers"]
    half = stats.t.ppf(0.975, 2) / math.sqrt(3)  # mean 2, deviation 1 of 1, 2, 3
    assert (one.x, one.y, one.low, one.high) == pytest.approx((1, 2, 2 - half, 2 + half))
    assert (two.x, two.y, two.low, two.high) == (4, 5, 5, 5)
    assert (quotient.x, quotient.y) == pytest.approx((5, (5 + 5 / 2 + 5 / 3) / 3))
    assert [value for point in drawn.lines["list"] for value in (point.x, point.y)] == pytest.approx([1, 0.6, 2, 0.3])


def test_cells_are_means_with_deviations_and_need_all_seeds() -> None:
    own = study(larger("two.x"), columns={"number": "x", "rare": "y", "list": "costs"})
    runs = [
        run(1, {"one": {"x": 1.0, "y": 2}, "two": {"costs": [1]}}),
        run(2, {"one": {"x": 2.0}, "two": {"costs": [1]}}),
        run(3, {"one": {"x": 3.0, "y": 2}, "two": {"costs": [1]}}),
    ]
    one, two = study_rows(own, {"text": runs})
    assert (one.corpus, one.model, two.model) == ("text", "one", "two")
    assert {name: (cell.mean, cell.deviation) for name, cell in one.cells.items()} == {"number": (2.0, 1.0)}
    assert two.cells == {}  # a list has no cell
    (single, _) = study_rows(own, {"text": runs[:1]})
    assert single.cells["number"].deviation is None and single.cells["rare"].mean == 2
