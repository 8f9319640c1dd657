"""The report on a handful of made-up metrics: tables, claims, plots and the page."""

import re
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from report_cases import NAMES, files, write
from result_cases import ZERO, score
from typer.testing import CliRunner

from gradus.reporting.contents import Strategies
from gradus.reporting.language_models import generation_table, ladder_table
from gradus.reporting.ngrams import orders_table
from gradus.reporting.recipes import recipes_table
from gradus.reporting.report import ReportFolders, ReportSource, write_report
from gradus.reporting.results import ModelNames, Results, read_results
from gradus.reporting.table import Table, number, percent
from gradus.reporting.translation import translation_table
from gradus.results.files import parse_result
from gradus.results.recipe import RecipeResult
from gradus.results.score import Score, better_context
from gradus.results.translation import headline_strategy
from stages.report import app


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with only params.yaml and metrics."""
    monkeypatch.chdir(tmp_path)
    write(tmp_path, files())
    return tmp_path


def results(folder: Path) -> Results:
    return read_results(folder / "metrics", NAMES)


def test_the_stage_writes_tables_plots_and_a_page_that_loads_nothing(folder: Path) -> None:
    outcome = CliRunner().invoke(app, [])
    assert outcome.exit_code == 0, outcome.output
    page = (folder / "metrics/report/index.html").read_text()
    assert not re.search(r'(?:src|href)="(?!#|data:)', page)
    assert "url(http" not in page and "@import" not in page and "<script" not in page
    assert "&lt;b&gt;a &amp; b&lt;/b&gt;" in page  # generated text is escaped
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert "attention_attention_1.svg" in {path.name for path in (folder / "metrics/plots").iterdir()}


def test_the_same_metrics_give_the_same_bytes(folder: Path) -> None:
    outputs = []
    for _ in range(2):
        assert CliRunner().invoke(app, []).exit_code == 0
        made = [path for part in ("tables", "plots", "report") for path in (folder / "metrics" / part).iterdir()]
        outputs.append({path.name: path.read_bytes() for path in made})
    assert outputs[0] == outputs[1]


def test_a_model_without_metrics_is_named(folder: Path) -> None:
    (folder / "metrics/lm/lstm.json").unlink()
    outcome = CliRunner().invoke(app, [])
    assert outcome.exit_code == 2
    assert "metrics/lm/lstm.json: expected a JSON file, found no file" in outcome.stderr


def test_the_ladder_shows_infinity_and_the_ratio_to_the_floor_of_the_better_context(folder: Path) -> None:
    rows = {row[0]: row[1:] for row in ladder_table(results(folder)).rows}
    assert rows["mle"][:2] == ["∞", "–"]
    assert rows["modified_kneser_ney"] == ["20.00", "–", "1.500", "2.00", "1,234 n-grams"]  # 20 / 10
    assert rows["lstm"] == ["15.00", "12.00", "1.500", "1.50", "4,321 weights"]  # 12 / 8
    assert rows["*the source itself (floor)*"][:2] == ["10.00", "8.00"]


def test_orders_and_generation(folder: Path) -> None:
    assert [list(row) for row in orders_table(results(folder)).rows][0] == ["mle", "40.00", "∞"]
    generated = generation_table(results(folder), ["greedy", "nucleus"]).rows
    assert list(generated[0]) == ["mle", "greedy", "90.0%", "10.0%", "100.0%", "0.50"]
    assert list(generated[-1]) == ["*test text*", "–", "1.0%", "90.0%", "–", "–"]


def test_the_headline_strategy_is_chosen_by_name() -> None:
    assert headline_strategy({"greedy": 90.0, "beam": 40.0}) == "beam"
    assert headline_strategy({"greedy": 90.0}) == "greedy"


def test_source_lengths_are_those_of_the_metrics(folder: Path) -> None:
    assert [c for c in translation_table(results(folder), ["beam"]).columns if c.startswith("BLEU ")] == [
        "BLEU 1-10",
        "BLEU 31+",
    ]


def test_the_better_context_has_the_lower_perplexity() -> None:
    assert better_context({"line": score(15.0), "stream": score(12.0)}) == "stream"
    assert better_context({"line": score(15.0), "stream": ZERO}) == "line"
    assert better_context({"line": ZERO}) == "line"
    assert better_context({"line": Score(tokens=100, zero_tokens=0, mean_score_nats=3.0)}) is None


def recipe_of(values: dict[str, Any]) -> RecipeResult:
    return parse_result(values, "recipe", RecipeResult, remedy="")


def test_recipes_show_mean_and_deviation() -> None:
    mean = {"lm": {"lstm": {"test": {"stream": {"perplexity": 5.0, "nats_per_token": 1.609}}}}}
    mean["lm"]["mle"] = {"test": {"line": {"tokens": 100.0, "zero_tokens": 7.0}}}  # no perplexity, no row
    deviation = {"lm": {"lstm": {"test": {"stream": {"perplexity": 0.25, "nats_per_token": 0.05}}}}}
    recipe = recipe_of({"seeds": [1, 2, 3], "mean": mean, "deviation": deviation})
    (row,) = recipes_table({"shakespeare": recipe}).rows
    assert row[:5] == ["shakespeare", "lstm", "stream", "5.00 ± 0.25", "1.609 ± 0.050"]
    assert row[-1] == "3"
    assert "Apart" not in recipes_table({"shakespeare": recipe}).caption


def test_recipes_say_what_their_files_mix() -> None:
    mean = {"mt": {"plain": {"strategies": {"beam": {"bleu": 25.0}}}}}
    recipe = {"seeds": [1, 2], "mean": mean, "commits": ["a"]}
    recipe |= {"processors": ["one", "two"], "apart": {"code": [1, 2], "code, versions": [3]}}
    table = recipes_table({"multi30k": recipe_of(recipe)})
    assert table.rows[0][-1] == "2; 2 processors; 3 apart"
    assert "Apart: runs with other code" in table.caption


def test_tables_are_markdown_with_numbers_to_the_right() -> None:
    table = Table("t", "What it is.", ["model", "score"], [["lstm", "1.0"], ["gru", "–"]])
    assert table.markdown().splitlines() == [
        "| model | score |",
        "| :--- | ---: |",
        "| lstm | 1.0 |",
        "| gru | – |",
        "",
        "What it is.",
    ]


def test_a_row_that_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="t: expected 2 cells, found 1"):
        Table("t", "", ["model", "score"], [["lstm"]])


def test_numbers_read_well() -> None:
    assert (number(1234.567, 1), number(float("inf")), number(None), percent(0.125)) == ("1,234.6", "∞", "–", "12.5%")


def test_a_text_without_floors_and_grammar_has_no_columns_for_them(folder: Path) -> None:
    found = results(folder)
    models = {
        name: replace(model, floors={}, generation={
            strategy: replace(text, grammatical_share=None) for strategy, text in model.generation.items()
        })
        for name, model in found.smoothers.items()
    }  # fmt: skip
    found = replace(found, smoothers=models, networks={})
    for table, absent in ((ladder_table(found), "floor"), (generation_table(found, ["greedy"]), "rammatical")):
        assert not [text for text in (*table.columns, table.caption) if absent in text]
        assert {len(row) for row in table.rows} == {len(table.columns)} == {5}


def test_the_page_of_one_track_does_not_mention_the_other(folder: Path, tmp_path: Path) -> None:
    """Nor does it mention recipes, studies and benchmarks that it does not have."""
    names = ModelNames([], [], [], ["plain", "attention"])
    source = ReportSource(folder / "metrics", names, Strategies([], ["beam"]), None, "gradus recipe run tales")
    shutil.rmtree(folder / "metrics/lm")
    write_report(source, ReportFolders(*(tmp_path / "out" / part for part in ("tables", "plots", "series", "page"))))
    page = (tmp_path / "out/page/index.html").read_text()
    assert "gradus recipe run tales" in page and "2 translation models of the corpus" in page
    assert not [
        text for text in ("language models", "unknown", "n-gram", "How fast", "How sure", ">Claims<") if text in page
    ]
    assert {path.stem for path in (tmp_path / "out/tables").glob("*.md")} == {"translation"}
