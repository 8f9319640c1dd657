"""Mixtures on the page: their row in the ladder, their weights, their idea."""

from dataclasses import replace
from pathlib import Path

import pytest
from report_cases import NAMES, STRATEGIES, files, write
from result_cases import NO_LM_DETAILS, mixture, score

from gradus.reporting.contents import draw, lay_out, tabulate
from gradus.reporting.results import Results, read_results
from gradus.results.files import as_json


@pytest.fixture
def mixed(tmp_path: Path) -> Results:
    """Return the results of a run with a mixture that is better than all its models."""
    pair = as_json(mixture({"line": score(14.0), "stream": score(11.0)}))
    write(tmp_path, files() | {"lm/pair": pair, "details/lm/pair": as_json(NO_LM_DETAILS)})
    return read_results(tmp_path / "metrics", replace(NAMES, mixtures=["pair"]))


def test_a_mixture_is_the_last_language_model_of_the_ladder(mixed: Results, tmp_path: Path) -> None:
    table = tabulate(mixed, STRATEGIES)["ladder"]
    assert [row[0] for row in table.rows][-2:] == ["pair", "*the source itself (floor)*"]
    assert table.rows[-2][1:3] == ["14.00", "11.00"] and table.rows[-2][-1] == "2 models"
    assert "its n-gram models read only the current line" in table.caption
    (ladder, *_) = draw(mixed, STRATEGIES, tmp_path)
    assert ladder.finding.startswith("pair predicts best: its perplexity is 11")


def test_the_weights_of_each_context_are_in_a_table(mixed: Results) -> None:
    table = tabulate(mixed, STRATEGIES)["mixtures"]
    weights = "0.75 lstm + 0.25 modified_kneser_ney"
    assert [list(row) for row in table.rows] == [
        ["pair", "linear", "line", "14.00", weights],
        ["pair", "linear", "stream", "11.00", weights],
    ]
    assert "mixtures" not in tabulate(replace(mixed, mixtures={}), STRATEGIES)


def ideas(results: Results) -> dict[str, list[str]]:
    """Return a dict from the anchor of each chapter to the titles of its ideas."""
    page = lay_out(results, tabulate(results, STRATEGIES), [], "dvc repro")
    return {part.key: [idea.title for idea in part.ideas] for part in page.parts}


def test_the_idea_follows_those_of_ngram_models_or_stands_at_the_ladder(mixed: Results) -> None:
    title = "Interpolation of whole models"
    assert ideas(mixed)["n-grams"][-1] == title and ideas(mixed)["ladder"] == []
    networks = replace(mixed, smoothers={}, lm_details={name: mixed.lm_details[name] for name in ("lstm", "pair")})
    assert ideas(networks)["ladder"] == [title]
    without = replace(mixed, mixtures={})
    assert title not in [each for titles in ideas(without).values() for each in titles]
