from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gradus.cli.main import app
from gradus.pipeline.changes import COMMENT_LIMIT, MARK, shortened
from gradus.pipeline.dvc import dvc, git


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
    assert text.startswith(f"{MARK}\n## What moves against main (")
    assert f"### Parameters\n\n{head}| params | train_mt.plain.training.epochs | 3 | 7 | +4 |\n" in text
    assert f"### Metrics\n\n{head}| mt/plain | epochs | 3 | 7 | +4 |\n" in text
    assert text.endswith("### Plots\n\n![loss.svg](https://example.com/raw/abc/metrics/plots/loss.svg)\n")


def test_names_and_values_of_a_branch_stay_in_their_cells(small: Path, commit: Callable[[str], None]) -> None:
    base = "x<img>|`@name`#1"
    git("branch", base)
    hostile = '"a|b\\n<img src=x>": "@name #12", long: "' + "w|" * 5000 + f'", large: {10**18}'
    params = (small / "params.yaml").read_text()
    (small / "params.yaml").write_text(params.replace("kind: recurrent, attention: none", hostile))
    (small / "metrics/plots").mkdir(parents=True)
    for name in ("a|b\n![x](http:) .svg", "@name.svg", "größe.svg", "fine.svg"):
        (small / "metrics/plots" / name).write_text("<svg/>")
    commit("hostile")
    arguments = ["ci", "report", "--base", base, "--out", "report.md", "--pictures", "https://example.com"]
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 0, result.output
    mark, heading, *lines = (small / "report.md").read_text().splitlines()
    assert mark == MARK
    assert heading.startswith("## What moves against <code>x&#60;img&#62;&#124;&#96;&#64;<wbr>name&#96;&#35;1</code> (")
    rows = {line.split(" | ")[1]: line for line in lines if line.startswith("| params")}
    assert all(row.count("|") == 6 and len(row) < 2000 for row in rows.values())
    key = "<code>train&#95;mt&#46;plain&#46;network&#46;a&#124;b&#92;n&#60;img src&#61;x&#62;</code>"
    assert rows[key] == f"| params | {key} | none | <code>&#64;<wbr>name &#35;12</code> |  |"
    assert {"train_mt.plain.network.long", "train_mt.plain.network.large"} <= set(rows)
    assert "![fine.svg](https://example.com/metrics/plots/fine.svg)" in lines
    assert "- <code>&#64;<wbr>name&#46;svg</code>" in lines
    assert sorted(line[:8] for line in lines[-4:]) == ["![fine.s", "- <code>", "- <code>", "- <code>"]


@pytest.mark.parametrize(
    "address", ["javascript:alert(1)", "https://e.com/)![x](y", "https://e.com/ <img>", "https://e\n"]
)
def test_an_address_that_could_end_its_link_is_a_wrong_input(small: Path, address: str) -> None:
    result = CliRunner().invoke(app, ["ci", "report", "--base", "HEAD", "--pictures", address])
    assert result.exit_code == 2
    assert result.output.startswith("error: --pictures: expected an address ")
    assert result.output.count("\n") == 1


def test_where_nothing_moves_it_says_so(small: Path, commit: Callable[[str], None]) -> None:
    dvc("repro", "evaluate_mt")
    commit("results")
    assert CliRunner().invoke(app, ["ci", "report", "--base", "HEAD"]).exit_code == 0
    assert (small / "ci-report.md").read_text().count("Nothing moves.") == 3


def test_a_report_replaces_an_earlier_report_and_no_other_file(small: Path) -> None:
    assert CliRunner().invoke(app, ["ci", "report", "--base", "HEAD"]).exit_code == 0
    assert "give --force" in CliRunner().invoke(app, ["ci", "report", "--base", "HEAD"]).output
    assert CliRunner().invoke(app, ["ci", "report", "--base", "HEAD", "--force"]).exit_code == 0
    (small / "ci-report.md").write_text("mine\n")
    result = CliRunner().invoke(app, ["ci", "report", "--base", "HEAD", "--force"])
    assert result.exit_code == 2
    assert result.output.startswith("error: ci-report.md: expected a new or an empty place")
    assert (small / "ci-report.md").read_text() == "mine\n"


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
