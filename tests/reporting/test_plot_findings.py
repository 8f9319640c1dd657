"""Numbers in the captions of the plots of training, translation, generation and studies."""

from dataclasses import replace

import pytest
from study_cases import claim, estimate, result

from gradus.reporting.drawing.in_words import amount, exactly, listed
from gradus.reporting.repetition_plot import repetition_finding
from gradus.reporting.study_findings import study_finding
from gradus.reporting.training import loss_finding, norm_finding
from gradus.reporting.translation_plots import attention_alt, attention_finding, length_finding
from gradus.results.details import Attention
from gradus.results.study import Point, StudyPlot


@pytest.mark.parametrize(
    ("value", "measured", "chosen"),
    [
        (34.5245, "34.5", "34.5245"),
        (50.011, "50.0", "50.011"),
        (146505.0, "146,505", "146,505"),
        (0.3, "0.300", "0.3"),
        (1e6, "1,000,000", "1,000,000"),
        (0.00060, "0.000600", "0.0006"),
        (1.03e-15, "1.03·10⁻¹⁵", "1.03·10⁻¹⁵"),
        (1e-9, "10⁻⁹", "10⁻⁹"),
        (0.0, "0", "0"),
        (-2.5, "-2.50", "-2.5"),
    ],
)
def test_numbers_are_readable(value: float, measured: str, chosen: str) -> None:
    assert (amount(value), exactly(value)) == (measured, chosen)


def test_infinity_and_lists() -> None:
    assert amount(float("inf")) == "∞"
    assert [listed(parts) for parts in ([], ["a"], ["a", "b"], ["a", "b", "c"])] == ["", "a", "a and b", "a, b and c"]
    assert listed("abcdefgh") == "a, b, c, d, e, f, g and h"
    assert listed("abcdefghij") == "a, b, c, d, e, f, g and 3 more"


def test_losses() -> None:
    curves = {"rnn": [(10.0, 4.0), (20.0, 3.0), (30.0, 3.5)], "lstm": [(10.0, 3.0), (20.0, 2.5)]}
    assert loss_finding(curves) == (
        "lstm reaches the lowest validation loss, 2.50 nats per token, after 20 steps. rnn stays highest: its lowest "
        "loss is 3. The loss rises again towards the end, a sign of overfitting: rnn (from 3 to 3.50)."
    )
    assert loss_finding({"rnn": [(10.0, 4.5)]}) == (
        "The validation loss of rnn is lowest after 10 steps: 4.50 nats per token."
    )


def test_norms() -> None:
    curves = {"rnn": [(10.0, 0.5), (20.0, 9.5), (30.0, 1.5)], "lstm": [(10.0, 0.25), (20.0, 0.125)]}
    assert norm_finding(curves) == (
        "The largest norm is 9.50 (rnn, step 20). In the last epoch the norm is between 0.125 (lstm) and 1.50 (rnn)."
    )
    assert (
        norm_finding({"rnn": curves["rnn"]}) == "The largest norm is 9.50 (rnn, step 20). In the last epoch it is 1.50."
    )


def test_lengths() -> None:
    values = {"plain": {"1-10": 40.0, "31+": 10.0}, "attention": {"1-10": 38.0, "31+": 36.5}, "new": {}}
    assert length_finding(values, ["1-10", "11-20", "31+"]) == (
        "BLEU of sentences of different lengths: plain is best with 40 at 1-10 words and attention is best with 36.5 "
        "at 31+ words. plain loses most: 30 points, from 40 to 10."
    )
    assert length_finding({"plain": {"1-10": 40.0}}, ["1-10", "31+"]) == (
        "BLEU of sentences of different lengths: plain has 40 at 1-10 words."
    )


def test_attention() -> None:
    attention = Attention(src=["a", "b"], tgt=["c", "d"], weights=[[0.9, 0.1], [0.5, 0.5]])
    assert attention_finding(attention) == (
        "1 of the 2 pieces of the translation put more than half of their weight on one source piece: “c” looks at “a” "
        "(0.90); “d” spreads its weight most, at most 0.50 on one piece. A stronger colour is a larger weight; the "
        "weights of a row add up to 1."
    )
    assert "c: a 0.90; d: a 0.50." in attention_alt(attention)
    long = Attention(src=["a"] * 81, tgt=["c"], weights=[[1.0] + [0.0] * 80])
    assert attention_finding(long).endswith("Only the first 80 pieces are shown.")


def test_repetition() -> None:
    shares = {"greedy": [90.0, 80.0, 70.0], "nucleus": [0.5, None, 1.5], "beam": [0.25, 30.0, 40.0]}
    assert repetition_finding(["mle", "rnn", "gru"], shares, 0.75) == (
        "mle with greedy repeats itself most: 90% of its 4-grams occurred earlier in the same text. In the test text, "
        "cut into pieces of the same length, 0.750% did. The median over the models is 80% with greedy, 30% with beam "
        "and 1% with nucleus. The strategy nucleus is nearest to the test text."
    )
    assert repetition_finding(["mle"], {"greedy": [90.0]}, None) == (
        "mle with greedy repeats itself most: 90% of its 4-grams occurred earlier in the same text."
    )


def plot_of(*, log: bool = False, spread: float = 0.5, **lines: list[float]) -> StudyPlot:
    """Return a plot of lines at x = 1, 2, 4, ... whose intervals reach `spread` up and down."""
    points = {
        name: [Point(x=2.0**n, y=y, low=y - spread, high=y + spread) for n, y in enumerate(ys)]
        for name, ys in lines.items()
    }
    return StudyPlot(corpus="text", x="window", y="perplexity", log_x=True, log_y=log, lines=points)


BAR = "A point is the mean over 3 seeds; its bar is the 95% confidence interval."


def test_a_study_with_one_line() -> None:
    study = result(claim(estimate(0.1, 0.5)))
    assert study_finding(plot_of(one=[30.0, 20.0, 19.0, 21.0]), study) == (
        "Perplexity: from 30 at window = 1 to 21 at 8; lowest at 4 (19). It changes most between 1 and 2. " + BAR
    )
    assert study_finding(plot_of(one=[30.0]), study) == "Perplexity: 30 at window = 1. " + BAR


def test_a_study_with_several_lines() -> None:
    study = result(claim(estimate(0.1, 0.5)))
    assert study_finding(plot_of(one=[30.0, 20.0], two=[31.0, 25.0]), study) == (
        "At window = 2, “two” is highest (25) and “one” lowest (20); their intervals do not overlap. “one” changes "
        "most: from 30 at 1 to 20. " + BAR
    )
    assert "(20.5) and “one” lowest (20); their intervals overlap." in study_finding(
        plot_of(one=[30.0, 20.0], two=[31.0, 20.5]), study
    )
    # on a logarithmic axis, the ratio counts: 8 to 1 is a factor of 8, 100 to 50 only a factor of 2
    assert "“two” changes most: from 8 at 1 to 1, a factor of 8." in study_finding(
        plot_of(log=True, one=[100.0, 50.0], two=[8.0, 1.0]), study
    )


def test_a_study_says_what_a_point_is_and_on_which_corpus() -> None:
    plot = plot_of(one=[30.0, 20.0], spread=0.0)
    study = result(claim(estimate(0.1, 0.5)))
    assert study_finding(plot, study).endswith("A point is the mean over 3 seeds, which all give the same number.")
    once = result(claim(replace(estimate(0.1, 0.5), seeds=[7])))
    assert study_finding(plot, once).endswith("Each point is the result of one seed.")
    assert study_finding(plot_of(one=[30.0, 20.0]), result()).endswith(
        "A point is the mean over the seeds; " + BAR[34:]
    )
    both = replace(study, plots={"window": [plot, replace(plot, corpus="other")]})
    assert study_finding(plot, both).startswith("On the corpus text: perplexity: from 30")
    long = plot_of(one=[float(n) for n in range(1, 14)])  # more points than bars fit
    assert study_finding(long, study).endswith("the band around it is the 95% confidence interval.")
