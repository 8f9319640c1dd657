from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gradus.cli.main import app
from gradus.pipeline.changes import COMMENT_LIMIT, shortened
from gradus.pipeline.dvc import dvc


def test_the_report_says_what_moved_and_only_that(small: Path, commit: Callable[[str], None]) -> None:
    (small / "metrics/plots").mkdir(parents=True)
    (small / "metrics/plots/loss.svg").write_text("<svg/>")
    (small / "metrics/plots/same.svg").write_text("<svg/>")
    dvc("repro", "evaluate_mt")
    commit("results")
    params = (small / "params.yaml").read_text()
    (small / "params.yaml").write_text(params.replace("plain: {network: {kind: recurrent, attention: none}, training: {epochs: 3}}", "plain: {network: {kind: recurrent, attention: none}, training: {epochs: 7}}"))  # fmt: skip # noqa: E501
    (small / "metrics/plots/loss.svg").write_text("<svg></svg>")
    dvc("repro", "evaluate_mt")
    arguments = ["ci", "report", "--base", "main", "--out", "report.md", "--pictures", "https://example.com/raw/abc"]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output
    text = (small / "report.md").read_text()
    head = "| Where | What | Before | After | Change |\n| --- | --- | ---: | ---: | ---: |\n"
    assert f"### Parameters\n\n{head}| params | train_mt.plain.training.epochs | 3 | 7 | +4 |\n" in text
    assert f"### Metrics\n\n{head}| mt/plain | epochs | 3 | 7 | +4 |\n" in text
    assert text.endswith("### Plots\n\n![loss.svg](https://example.com/raw/abc/metrics/plots/loss.svg)\n")


def test_where_nothing_moves_it_says_so(small: Path, commit: Callable[[str], None]) -> None:
    dvc("repro", "evaluate_mt")
    commit("results")
    assert CliRunner().invoke(app, ["ci", "report", "--base", "HEAD"]).exit_code == 0
    assert (small / "ci-report.md").read_text().count("Nothing moves.") == 3


def test_an_unknown_base_is_a_wrong_input(small: Path) -> None:
    result = CliRunner().invoke(app, ["ci", "report", "--base", "origin/main"])
    assert result.exit_code == 2
    assert "error: origin/main: expected a commit of this clone, found none of that name; fetch it" in result.output
    assert not (small / "ci-report.md").exists()


def test_a_long_report_ends_with_a_whole_row() -> None:
    row = "| lstm | perplexität | 1 | 2 | +1 |\n"  # two bytes in one character
    text = shortened("| head |\n" + row * 5000, COMMENT_LIMIT)
    assert COMMENT_LIMIT - 2 * len(row.encode()) < len(text.encode()) <= COMMENT_LIMIT
    kept, notice = text.split("\n\n(")
    assert set(kept.splitlines()[1:]) == {row.strip()}
    assert notice.startswith("The rest is cut here")


@pytest.mark.parametrize("text", ["", "short\n", "x" * 100])
def test_a_short_report_stays_as_it_is(text: str) -> None:
    assert shortened(text, 100) == text
