"""`gradus ci report`: its visible part, its folded part, and literal display of untrusted text."""

import re
import subprocess
from pathlib import Path

import pytest
from repositories import commit_all
from review_cases import set_metric, set_params
from typer.testing import CliRunner

from gradus.cli.main import app
from gradus.pipeline.dvc import git
from gradus.review.report import MARK

pytestmark = pytest.mark.xdist_group("review")  # one process, one repository to copy


def report(*arguments: str, base: str = "main") -> str:
    result = CliRunner().invoke(app, ["ci", "report", "--base", base, *arguments])
    assert result.exit_code == 0, result.output
    return result.output


def visible(text: str) -> list[str]:
    """Return the lines that a reader sees without a click."""
    assert text.startswith(f"{MARK}\n")
    assert text.count("<details>") == text.count("</details>")
    above = re.sub(r"<!--.*?-->|<details>.*?</details>", "", text, flags=re.DOTALL)
    return [line for line in above.splitlines() if line.strip()]


def summaries(text: str) -> list[str]:
    return re.findall(r"<summary>(.*?)</summary>", text)


def test_nothing_changed_is_one_line_and_nothing_is_written(project: Path) -> None:
    (line,) = visible(report())
    assert re.fullmatch(r"\*\*Nothing changes against main \([0-9a-f]{10}\)\.\*\*", line)
    assert git("status", "--porcelain", "--ignored", "--", ".", ":!.gradus", ":!.dvc", ":!data") == ""


def test_above_the_fold_is_a_row_for_each_model_that_moved(moved: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(moved)
    text = report()
    shown = visible(text)
    assert shown[0].startswith(
        "**13 of 14 models change: 6 worse, 2 better, 3 within noise, 1 vanished, 1 new against main"
    )
    rows = {line.split(" | ")[0][2:]: line for line in shown if line.startswith(("| lm/", "| mt/"))}
    assert len(rows) == 13 and "lm/same" not in rows
    assert rows["lm/worse"].endswith("| perplexity (line) | ↑ worse | 11.976 | 12.216 | +2.00% |")
    assert rows["lm/better"].endswith("-5.00% |") and "| ↓ better |" in rows["lm/better"]
    assert "| ↓ worse |" in rows["mt/plain"] and "| ↑ better |" in rows["mt/finer"]
    assert "| ↑ within noise |" in rows["lm/close"] and "within noise |" in rows["lm/noisy"]
    assert rows["lm/gone"].endswith("| vanished | 11.976 | none |  |")
    assert rows["lm/gru"].endswith("|  |") and "| new | none |" in rows["lm/gru"]
    assert "| train_lm.worse.factor | 1 | 1.02 |" in shown
    folded = summaries(text)
    assert folded[0] == "Reasons for the verdicts"
    assert folded.index("lm/worse: 2 numbers") < folded.index("lm/worse: 1 number about generated text")
    own = [number for number, summary in enumerate(folded) if summary.endswith("about generated text")]
    assert own == list(range(len(folded) - len(own), len(folded)))  # last


def test_the_charts_have_quoted_names_and_numbers_only(moved: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(moved)
    charts = re.findall(r"```mermaid\n(.*?)```", report(), flags=re.DOTALL)
    assert len(charts) == 2
    for chart in charts:
        names = re.search(r'^    x-axis \[("\w+ (before|after)"(, )?)+\]$', chart, flags=re.MULTILINE)
        bars = re.search(r"^    bar \[([\d., ]+)\]$", chart, flags=re.MULTILINE)
        assert chart.startswith("xychart-beta horizontal\n    title ") and names and bars
        assert len(bars[1].split(", ")) == names[0].count('"') // 2
        assert max(map(float, bars[1].split(", "))) < float(chart.split("--> ")[1].split("\n")[0])
    assert '"worse before", "worse after"' in charts[0] and "broken" not in charts[0]  # infinite


def test_results_that_were_not_run_again_are_said_so(project: Path) -> None:
    set_params({"train_lm.same.factor": 1.05})
    first, second, *rest = visible(report())
    assert first.startswith("**No model changes against main")
    stale = "`train_lm@same` (`train_lm.same`)"
    assert second == f"**Stages to run again**: {stale}. The numbers of these stages come from an earlier run."
    assert rest[0] == "Parameters that changed:" and rest[-1] == "| train_lm.same.factor | 1 | 1.05 |"


@pytest.mark.parametrize(("factor", "listed"), [(1.0009, False), (1.0011, True)])
def test_what_differs_by_less_than_the_tolerance_is_not_listed(project: Path, factor: float, listed: bool) -> None:
    set_metric("lm/same", "generation.greedy.distinct_1", 0.5 * factor)
    set_metric("lm/same", "test.line.perplexity", 11.9757 * factor)
    shown = visible(report())
    assert len(shown) > 1 if listed else len(shown) == 1


def test_names_and_values_of_a_branch_stay_in_their_cells(project: Path) -> None:
    base = "x<img>|`@name`#1"
    git("branch", base)
    hostile = {"a|b\n<img src=x>": "@name #12", "long": "w|" * 5000, "large": 10**18, "</details>": "```"}
    set_params({"seed": hostile})
    set_metric("lm/same", "natural_text", hostile)  # unknown keys, which the result type ignores
    Path("metrics/plots").mkdir()
    for name in ("a|b\n![x](http:) .svg", "@name.svg", "größe.svg", "fine.svg"):
        (Path("metrics/plots") / name).write_text("<svg/>")
    subprocess.run(["git", "add", "--all"], check=True)
    text = report(base=base)
    assert "against <code>x&#60;img&#62;&#124;&#96;&#64;<wbr>name&#96;&#35;1</code> (" in text.splitlines()[1]
    tables = [line for line in text.splitlines() if line.startswith("| ")]
    assert all(row.count("|") == 4 and len(row) < 2000 for row in tables)
    key = "<code>seed&#46;a&#124;b&#92;n&#60;img src&#61;x&#62;</code>"
    assert f"| {key} | none | <code>&#64;<wbr>name &#35;12</code> |" in tables
    assert not re.findall(r"<img|@name|```\n|!\[x\]|&#60;/details>", text)
    assert "Parameters that changed:" in visible(text)
    assert "- <code>&#64;<wbr>name&#46;svg</code>" in text and "- fine.svg" in text


def test_a_report_replaces_an_earlier_report_and_no_other_file(project: Path) -> None:
    for _ in range(2):
        assert report("--out", "report.md") == "wrote report.md\n"
    assert Path("report.md").read_text() == report()
    Path("report.md").write_text("mine\n")
    result = CliRunner().invoke(app, ["ci", "report", "--base", "main", "--out", "report.md"])
    assert result.exit_code == 2
    assert result.output.startswith("error: report.md: expected a new or an empty place")
    assert Path("report.md").read_text() == "mine\n"


def test_an_unknown_base_is_a_wrong_input(project: Path) -> None:
    for command in ("report", "gate"):
        result = CliRunner().invoke(app, ["ci", command, "--base", "origin/main"])
        assert result.exit_code == 2
        assert result.output.startswith("error: origin/main: expected a commit of this clone, found no such commit")


def test_a_base_of_before_the_metrics_has_no_models(project: Path) -> None:
    git("rm", "-r", "--quiet", "--cached", "metrics", "params.yaml", "dvc.lock")
    git("commit", "--quiet", "--message", "nothing")
    commit_all("results again")
    assert visible(report(base="main~1"))[0].startswith("**13 of 13 models change: 13 new against")
