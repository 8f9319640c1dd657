"""The plots of n-gram models by order."""

import math
from pathlib import Path

import pytest
from result_cases import ZERO, ngram_order, ngrams, score
from svg_reader import Mark, Plot

from gradus.reporting.model_looks import language_model_looks
from gradus.reporting.ngram_size_plots import bytes_finding, entries_finding, unseen_finding
from gradus.reporting.order_plots import close_finding, close_orders, draw_orders, orders_finding
from gradus.reporting.results import Results
from gradus.results.score import Score

UNSCORED = Score(tokens=100, zero_tokens=0, mean_score_nats=3.0)


def results(**smoothers: list[Score]) -> Results:
    made = {name: ngrams({str(n): ngram_order(of) for n, of in enumerate(row, 1)}) for name, row in smoothers.items()}
    return Results(made, {}, {}, {}, {}, {}, {}, {})


def scores(*perplexities: float) -> list[Score]:
    return [ZERO if value == math.inf else score(value) for value in perplexities]


FOUND = results(
    mle=scores(200.0, math.inf, math.inf),
    backoff=[UNSCORED] * 3,
    laplace=scores(200.0, 60.0, 400.0),
    katz=scores(200.0, 37.0, 40.0),
    kneser_ney=scores(200.0, 36.0, 34.0),
)


def test_every_smoother_is_in_the_legend_with_a_word_on_what_is_not_drawn(tmp_path: Path) -> None:
    picture, _ = draw_orders(FOUND, tmp_path)
    plot = Plot(tmp_path / "orders.svg")
    heights = [plot.text(name).y for name in ("laplace", "mle", "katz", "kneser_ney", "backoff")]
    assert heights == sorted(heights)  # the order of the ends of the lines; what has no line is last
    assert 0 < plot.text("∞ from order 2 on").y - plot.text("mle").y < 15
    assert 0 < plot.text("not probabilities").y - plot.text("backoff").y < 15
    assert "mle: ∞ from order 2 on." in picture.alt and "backoff: not probabilities." in picture.alt
    assert "mle,2,inf\n" in picture.csv and "backoff,1,\n" in picture.csv


def test_the_dots_are_at_the_numbers_of_the_csv(tmp_path: Path) -> None:
    for picture in draw_orders(FOUND, tmp_path):
        plot = Plot(tmp_path / f"{picture.name}.svg")
        left = min(text.x for text in plot.texts if text.what.isdigit())

        # The middle of a digit of 10 points is 3.8 points above its lower edge.
        def tick(text: Mark, left: float = left) -> float:
            return text.y - 3.8 if text.x == left and text.what.isdigit() else math.nan

        number = plot.log_scale(tick)
        legend = min(plot.text(name).x for name in ("katz", "kneser_ney")) - 30
        rows = [line.split(",") for line in picture.csv.splitlines()[1:]]
        for name, look in language_model_looks(FOUND).items():
            wanted = [float(value) for each, _, value in rows if each == name and value not in ("", "inf")]
            dots = sorted((dot.x, dot.y) for dot in plot.dots if dot.what == look.light and dot.x < legend)
            assert len(dots) == len(wanted)
            assert all(abs(number(y) / b - 1) < 0.01 for (_, y), b in zip(dots, wanted, strict=True))


def test_the_best_smoothers_have_a_plot_from_the_order_on_at_which_they_are_close(tmp_path: Path) -> None:
    picture = draw_orders(FOUND, tmp_path)[1]
    assert picture.name == "orders_close"
    # laplace is 11.8 times as high as the best one; at order 1 all are 5.9 times as high
    assert picture.csv == "smoother,order,perplexity\nkatz,2,37\nkatz,3,40\nkneser_ney,2,36\nkneser_ney,3,34\n"


@pytest.mark.parametrize(
    "values",
    [
        {"a": {1: 50.0, 2: 40.0}, "b": {1: 51.0, 2: 41.0}},  # all are close at all orders
        {"a": {1: 200.0, 2: 40.0}, "b": {1: 200.0, 2: 41.0}},  # close at one order only
        {"a": {1: 200.0, 2: 40.0, 3: 39.0}, "b": {1: 200.0, 2: 90.0, 3: 80.0}},  # one model
        {"a": {1: math.inf}, "b": {1: None}},
        {},
    ],
)
def test_there_is_no_second_plot_that_would_show_the_same_or_nothing(
    values: dict[str, dict[int, float | None]],
) -> None:
    assert close_orders(values) == {}


def test_a_smoother_that_is_infinite_in_between_ends_the_far_orders() -> None:
    values = {"a": {1: 40.0, 2: math.inf, 3: 41.0, 4: 40.0}, "b": {1: 40.0, 2: 40.0, 3: 40.0, 4: 42.0}}
    assert close_orders(values) == {"a": {3: 41.0, 4: 40.0}, "b": {3: 40.0, 4: 42.0}}


def test_findings_name_the_best_orders_and_what_is_not_finite() -> None:
    values = {
        "mle": {1: 200.0, 2: math.inf, 3: math.inf},
        "backoff": {1: None, 2: None, 3: None},
        "laplace": {1: 200.0, 2: 60.0, 3: 400.0},
        "katz": {1: 200.0, 2: 37.0, 3: 40.0},
        "kneser_ney": {1: 200.0, 2: 36.0, 3: 34.0},
    }
    assert orders_finding(values) == (
        "At order 3, kneser_ney is best with 34 and laplace worst with 400. Lower is better; the lowest perplexity is "
        "at order 2 for laplace and katz and order 3 for kneser_ney. mle is ∞ from order 2 on: some token of the test "
        "text has probability zero. The scores of backoff are not probabilities."
    )
    assert orders_finding({"katz": {1: 200.0}}) == "At order 1, katz has a perplexity of 200."
    assert orders_finding({"a": {1: 4.0, 2: math.inf, 3: 5.0}, "b": {1: 4.0, 2: 3.0, 3: 5.5}}).endswith(
        "a is ∞ at order 2: some token of the test text has probability zero."
    )
    assert close_finding(close_orders(values)) == (
        "All smoothers within a factor of 1.5 of the best, from best to worst, at order 2: kneser_ney 36 and katz 37; "
        "at order 3: kneser_ney 34 and katz 40."
    )


def test_a_long_legend_makes_the_plot_higher(tmp_path: Path) -> None:
    draw_orders(results(**{f"m{n}": scores(200.0, math.inf if n % 2 else 30.0 + n) for n in range(30)}), tmp_path)
    plot = Plot(tmp_path / "orders.svg")
    heights = sorted(text.y for text in plot.texts if text.what.startswith(("m", "∞")))
    assert len(heights) == 45 and heights[0] > 10 and heights[-1] < plot.height - 5
    assert all(below - above > 12 for above, below in zip(heights, heights[1:], strict=False))


def test_smoothers_without_any_perplexity_have_no_plot(tmp_path: Path) -> None:
    assert draw_orders(results(backoff=[UNSCORED]), tmp_path) == []
    assert list(tmp_path.iterdir()) == []


def test_findings_on_sizes() -> None:
    assert unseen_finding({1: 0.0, 2: 5.5, 3: 60.0, 4: 84.1}) == (
        "84.1% of the test text's n-grams of order 4 do not occur in the training text; of order 1, 0% do not. From "
        "order 3 on, more than half are new."
    )
    assert unseen_finding({2: 5.5}) == "5.50% of the test text's n-grams of order 2 do not occur in the training text."
    assert entries_finding({1: 50, 2: 1000, 3: 1500}) == (
        "The training text has 50 distinct n-grams of order 1 and 1,500 of order 3, 30 times as many. From order 2 to "
        "3 the number changes by +50.0%."
    )
    assert entries_finding({1: 50}) == "The training text has 50 distinct n-grams of order 1."
    assert bytes_finding({1: 6000, 2: 7_003_404}, "mle") == (
        "The mle model of order 2 takes 7.00 MB, 1,167 times as much as order 1. A model also stores all shorter "
        "n-grams."
    )
