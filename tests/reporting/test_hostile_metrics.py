"""Metric files with any value in any place: they are reported, or refused on one line that names the file."""

import copy
import csv
import json
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from readers import drawn, tabled
from report_cases import NAMES, STRATEGIES, files, write
from study_cases import shown_study
from typer.testing import CliRunner

from gradus.errors import InputError
from gradus.reporting.benchmarks import benchmark_tables
from gradus.reporting.contents import draw, lay_out, tabulate
from gradus.reporting.page import write_page
from gradus.reporting.results import Results, read_results
from gradus.reporting.series import write_series
from gradus.results.files import as_json
from stages.report import app

BASE = settings(deadline=None, max_examples=25)
VALID: dict[str, Any] = files() | {
    "recipes/real": {
        "seeds": [1, 2],
        "commits": ["one", "two"],
        "processors": ["one"],
        "apart": {"code": [3]},
        "mean": {"lm": {"mle": files()["lm/lstm"]}, "mt": {"plain": files()["mt/plain"]}},
        "deviation": {"lm": {"mle": {"test": {"line": {"perplexity": 0.5}}}}, "mt": {}},
    },
    "studies/one": as_json(shown_study()),
}
WRONG: tuple[Any, ...] = (
    None, True, "x", "$x^$", "<b>|`\n", "\u202e", -1, 0, 0.5, 1.5, 1e15, 1e16, 1e-300, 1e300, 2**62, [], {}, [1],
    ["x"], {"x": 1}, {"1": {}}, [[]], [{}], "x" * 20_000,
)  # fmt: skip


def places(value: Any, *above: str | int) -> Iterator[tuple[str | int, ...]]:
    """Yield the path to every key and item of nested values."""
    for key in value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ():
        yield (*above, key)
        yield from places(value[key], *above, key)


def report(folder: Path, *, plots: bool) -> Results:
    """Make all parts of the report."""
    found = read_results(folder / "metrics", NAMES)
    tables = tabulate(found, STRATEGIES)
    out = folder / "out"
    out.mkdir(exist_ok=True)
    pictures = draw(found, STRATEGIES, out) if plots else []
    write_series(found, out, STRATEGIES.lm)
    write_page(out / "index.html", lay_out(found, tables, pictures, "dvc repro"), out)
    for table in tables.values():
        page = tabled(table.markdown())
        assert len(page.texts.get("td", [])) == len(table.columns) * len(table.rows)
    for path in out.glob("*.csv"):
        assert len({len(row) for row in csv.reader(StringIO(path.read_bytes().decode(), newline=""))}) == 1
    for path in out.glob("*.svg"):
        drawn(path)
    return found


def changed(place_: tuple[str | int, ...], how: str, wrong: Any) -> dict[str, Any]:
    """Return the valid files with one value replaced, removed, or moved to another key."""
    contents = copy.deepcopy(VALID)
    *above, last = place_
    inner: Any = contents
    for key in above:
        inner = inner[key]
    if how == "replace":
        inner[last] = wrong
    elif how == "rename" and isinstance(inner, dict):
        inner[str(wrong)[:200]] = inner.pop(last)
    else:
        del inner[last]
    return {name: content for name, content in contents.items() if "/" in name and "\n" not in name}


def is_reported_or_refused(folder: Path, contents: dict[str, Any], *, plots: bool) -> None:
    write(folder, contents)
    try:
        report(folder, plots=plots)
    except InputError as error:
        assert str(error).startswith(f"{folder}/metrics/")
        assert ".json" in str(error.where) and "\n" not in str(error) and len(str(error)) < 600


PLACES = st.sampled_from([way for way in places(VALID) if len(way) > 1])


@settings(BASE, max_examples=150)
@given(PLACES, st.sampled_from(["replace", "remove", "rename"]), st.sampled_from(WRONG))
def test_metrics_of_any_content_are_tabulated_or_refused(
    tmp_path_factory: pytest.TempPathFactory, way: tuple[str | int, ...], how: str, wrong: Any
) -> None:
    is_reported_or_refused(tmp_path_factory.getbasetemp() / "any", changed(way, how, wrong), plots=False)


@settings(BASE, max_examples=20)
@given(PLACES, st.sampled_from([0, 0.5, 1, 1.5, 1e15, 1e-300, 2**49, "x", []]))
def test_metrics_of_any_content_are_drawn_or_refused(
    tmp_path_factory: pytest.TempPathFactory, way: tuple[str | int, ...], wrong: Any
) -> None:
    is_reported_or_refused(tmp_path_factory.getbasetemp() / "any", changed(way, "replace", wrong), plots=True)


@pytest.mark.parametrize(
    "content", ["", "[]", "{", '{"a": NaN}', "[" * 100_000, '{"orders": ' + "9" * 10_000 + "}", "null"]
)
def test_a_file_that_is_no_object_is_one_line_of_the_stage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str
) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path, VALID)
    (tmp_path / "metrics/lm/mle.json").write_text(content)
    result = CliRunner().invoke(app, [])
    assert result.exit_code == 2
    assert result.stderr.startswith("error: metrics/lm/mle.json: expected ") and result.stderr.count("\n") == 1


def test_recipes_studies_and_benchmarks_have_names(tmp_path: Path) -> None:
    write(tmp_path, VALID | {"recipes/$(x)": VALID["recipes/real"]})
    with pytest.raises(InputError, match=r"recipes/\$\(x\).json: expected a name"):
        report(tmp_path, plots=False)
    (tmp_path / "metrics/recipes/$(x).json").unlink()
    write(tmp_path, VALID | {"studies/<b>": VALID["studies/one"]})
    with pytest.raises(InputError, match=r"studies/<b>.json: expected a name"):
        report(tmp_path, plots=False)
    (tmp_path / "ngram_a b.json").write_text("{}")
    with pytest.raises(InputError, match="ngram_a b.json: expected a name"):
        benchmark_tables(tmp_path)


def test_programs_that_the_report_does_not_name_are_left_alone(tmp_path: Path) -> None:
    """A benchmark may measure more programs than the report shows."""
    values = json.loads(Path("benchmarks/results/ngram_ptb.json").read_text())
    values["score_in_process"]["another"] = None
    (tmp_path / "ngram_ptb.json").write_text(json.dumps(values))
    assert "ngram_speed" in benchmark_tables(tmp_path)


def test_the_committed_benchmarks_are_as_the_schema_says() -> None:
    assert {"ngram_speed", "ngram_growth"} <= set(benchmark_tables(Path("benchmarks/results")))


@settings(BASE, max_examples=150)
@given(st.data())
def test_benchmarks_of_any_content_are_tabulated_or_refused(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    source = data.draw(st.sampled_from(sorted(Path("benchmarks/results").glob("*.json"))))
    values = json.loads(source.read_text())
    *above, last = data.draw(st.sampled_from(list(places(values))))
    inner = values
    for key in above:
        inner = inner[key]
    inner[last] = data.draw(st.sampled_from(WRONG))
    folder = tmp_path_factory.getbasetemp() / "benchmarks"
    folder.mkdir(exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    (folder / source.name).write_text(json.dumps(values))
    try:
        for table in benchmark_tables(folder).values():
            table.markdown()
    except InputError as error:
        assert str(error).startswith(f"{folder}/{source.name}: ")
