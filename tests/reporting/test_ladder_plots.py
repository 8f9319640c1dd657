"""The plot of all language models, and the plot of the best ones."""

import math
from dataclasses import replace
from pathlib import Path

from result_cases import ZERO, adapted, network, ngram_order, ngrams, score
from svg_reader import Mark, Plot

from gradus.reporting.adaptation import adapted_table
from gradus.reporting.introduction import best_language_model
from gradus.reporting.ladder_plots import close_finding, close_models, draw_ladder, ladder_finding
from gradus.reporting.language_models import ladder_table
from gradus.reporting.model_looks import language_model_looks
from gradus.reporting.results import Results
from gradus.reporting.table import MISSING
from gradus.results.language_model import NetworkResult, NgramResult
from gradus.results.score import Score

UNSCORED = Score(tokens=100, zero_tokens=0, mean_score_nats=3.0)
FLOOR = {"line": 10.0, "stream": 8.0}


def results(smoothers: dict[str, Score], networks: dict[str, tuple[float, float]]) -> Results:
    made: dict[str, NgramResult] = {name: ngrams({"1": ngram_order(of)}) for name, of in smoothers.items()}
    nets: dict[str, NetworkResult] = {
        name: network({"line": score(line), "stream": score(stream)}) for name, (line, stream) in networks.items()
    }
    return Results(made, nets, {}, {}, {}, {}, {}, {})


FOUND = results(
    {"mle": ZERO, "backoff": UNSCORED, "laplace": score(400.0), "katz": score(40.0)},
    {"rnn": (21.0, 20.0), "gru": (20.0, 16.0), "lstm": (22.0, 18.0)},
)


def test_every_model_has_a_row_and_those_without_a_dot_have_a_word(tmp_path: Path) -> None:
    draw_ladder(FOUND, tmp_path)
    plot = Plot(tmp_path / "ladder.svg")
    for name in FOUND.language_models:
        plot.text(name)
    assert plot.text("∞").y == plot.text("mle").y
    assert plot.text("not a probability").y == plot.text("backoff").y
    assert plot.text("16").y == plot.text("gru").y  # the better one of its two contexts


def test_networks_that_adapt_are_named_as_such_and_are_no_static_models(tmp_path: Path) -> None:
    rows = {"lstm_cache": adapted({"stream": score(12.0)}), "b": adapted({"stream": score(11.0)}, "dynamic")}
    found = replace(FOUND, adapted=rows)
    (picture, *_) = draw_ladder(found, tmp_path)
    plot = Plot(tmp_path / "ladder.svg")
    assert plot.text("12").y == plot.text("lstm_cache (cache)").y
    assert plot.text("11").y == plot.text("b (dynamic evaluation)").y
    assert picture.finding.startswith("b (dynamic evaluation) predicts best")
    table = ladder_table(found)
    assert [row[0] for row in table.rows][7:9] == ["lstm_cache (cache)", "b (dynamic evaluation)"]
    assert table.rows[7][1:] == [MISSING, "12.00", "1.500", "1.50", "4,321 weights (lstm)"]
    assert "learns from the test text" in table.caption and "learns from" not in ladder_table(FOUND).caption
    assert best_language_model(found) == ("gru", 16.0)
    assert len(found.language_models) == 7 and len(found.ladder) == 9
    settings = "weight 0.1, theta 1, window 500"
    assert adapted_table(found).rows == [
        ["lstm_cache", "lstm", "cache", "18.00", "12.00", settings],
        ["b", "lstm", "dynamic evaluation", "18.00", "11.00", settings],
    ]
    assert not adapted_table(FOUND).rows


def test_the_dots_are_at_the_numbers_of_the_csv(tmp_path: Path) -> None:
    for picture in draw_ladder(FOUND, tmp_path):
        plot = Plot(tmp_path / f"{picture.name}.svg")
        bottom = plot.height - 17  # the ticks are on the last line but one, above the label of the axis

        def tick(text: Mark, bottom: float = bottom) -> float:
            return text.x if abs(text.y - bottom) < 8 and text.what.replace(",", "").isdigit() else math.nan

        number = plot.log_scale(tick)
        rows = [line.split(",") for line in picture.csv.splitlines()[1:]]
        assert ["mle", "line", "inf"] in rows or picture.name == "ladder_close"
        wanted = {name: sorted(float(v) for n, _, v in rows if n == name and v not in ("", "inf")) for name, *_ in rows}
        for name, look in language_model_looks(FOUND).items():
            if name not in wanted:
                continue
            y = plot.text(name).y
            drawn = sorted(number(dot.x) for dot in plot.dots if abs(dot.y - y) < 5 and dot.what == look.light)
            assert len(drawn) == len(wanted[name])
            assert all(abs(a / b - 1) < 0.01 for a, b in zip(drawn, wanted[name], strict=True))


def test_the_best_models_have_a_plot_of_their_own(tmp_path: Path) -> None:
    assert [picture.name for picture in draw_ladder(FOUND, tmp_path)] == ["ladder", "ladder_close"]
    plot = Plot(tmp_path / "ladder_close.svg")
    assert {"rnn", "gru", "lstm"} <= {text.what for text in plot.texts}
    assert not {"mle", "laplace", "katz"} & {text.what for text in plot.texts}


def test_there_is_no_second_plot_that_would_show_the_same_models(tmp_path: Path) -> None:
    for found in (
        results({"mle": ZERO}, {"rnn": (21.0, 20.0), "gru": (20.0, 16.0)}),  # both within a factor of 2
        results({"laplace": score(400.0), "katz": score(40.0)}, {}),  # only one close to the best
        results({"mle": ZERO, "backoff": UNSCORED}, {}),  # none has a perplexity
        results({}, {"rnn": (21.0, 20.0)}),
    ):
        assert [picture.name for picture in draw_ladder(found, tmp_path)] == ["ladder"]


def test_the_finding_compares_the_best_with_the_worst_and_with_the_floor() -> None:
    models = {
        "mle": {"line": math.inf, "stream": None},
        "backoff": {"line": None, "stream": None},
        "laplace": {"line": 400.0, "stream": None},
        "gru": {"line": 20.0, "stream": 16.0},
        "lstm": {"line": 22.0, "stream": 18.0},
    }
    assert ladder_finding(models, FLOOR) == (
        "gru predicts best: its perplexity is 16; that of laplace is 25 times as high (400). Lower "
        "is better. "  # 400 / 16
        "The source that generated the text has 8, the floor of every model that reads all earlier text: the best "
        "model is at 2 times its floor. "  # 16 / 8
        "Reading all earlier text instead of the line alone helps gru most: 20 becomes 16. "  # 1.25; lstm 1.22
        "mle gives some token of the test text probability zero (∞). "
        "The scores of backoff are not probabilities, so there is no perplexity."
    )
    alone = {"gru": {"line": 20.0, "stream": None}}
    assert ladder_finding(alone, {}) == "gru has a perplexity of 20."
    infinite = {"mle": {"line": math.inf, "stream": None}, "ml": {"line": math.inf, "stream": math.inf}}
    assert ladder_finding(infinite, {}) == "mle and ml give some token of the test text probability zero (∞)."


def test_close_models_are_ranked() -> None:
    models = {
        "a": {"line": 30.0, "stream": 25.0}, "b": {"line": 20.0, "stream": None}, "c": {"line": 41.0, "stream": None},
    }  # fmt: skip
    close = close_models(models)
    assert list(close) == ["a", "b"]  # 41 > 2 * 20
    assert close_finding(close, FLOOR) == (
        "All models within a factor of 2 of the best, from best to worst: b 20 and a 25. The perplexity of the second "
        "is 1.25 times that of the first. The floors are 10 and 8."
    )


def test_infinity_in_one_context_is_shown_beside_the_other(tmp_path: Path) -> None:
    found = replace(FOUND, networks={"rnn": network({"line": ZERO, "stream": score(20.0)})}, smoothers={})
    (picture,) = draw_ladder(found, tmp_path)
    Plot(tmp_path / "ladder.svg").text("20 (line ∞)")
    assert "rnn,line,inf\nrnn,stream,20\n" in picture.csv and "rnn: line ∞, stream 20." in picture.alt
