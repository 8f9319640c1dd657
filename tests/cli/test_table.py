"""`gradus table` on terminals of several widths: one line per row, no name cut, no column lost."""

from pathlib import Path

import pytest
import yaml
from rich.cells import cell_len
from rich.console import Console
from typer.testing import CliRunner

from gradus.cli.main import app
from gradus.cli.markdown_table import read_table
from gradus.cli.table_layout import print_table
from gradus.reporting.table import Marked, Table

TABLES = sorted(path.stem for path in Path("metrics/tables").glob("*.md"))
SENTENCES = {"claims", "studies"}
"""Tables whose rows become lists."""


def printed(width: int, *arguments: str) -> list[str]:
    done = CliRunner().invoke(app, ["table", *arguments], env={"COLUMNS": str(width)})
    assert done.exit_code == 0, done.output
    return [line.rstrip() for line in done.output.splitlines()]


def shown(table: Table, width: int) -> list[str]:
    console = Console(width=width)
    with console.capture() as capture:
        print_table(console, read_table(table.markdown()))
    return [line.rstrip() for line in capture.get().splitlines()]


@pytest.mark.parametrize("width", [60, 80, 120])
@pytest.mark.parametrize("name", TABLES)
def test_no_committed_table_is_cut_or_wider_than_the_terminal(name: str, width: int) -> None:
    lines = printed(width, name)
    assert max(map(cell_len, lines)) <= width
    assert not any("…" in line for line in lines)
    table = read_table(Path(f"metrics/tables/{name}.md").read_text(encoding="utf-8"))
    words = {word for row in table.rows for cell in row for word in str(cell).split()}
    assert words <= {word for line in lines for word in line.split()}, "every word and number is whole"


@pytest.mark.parametrize("name", [name for name in TABLES if name not in SENTENCES])
def test_at_80_columns_every_row_has_one_line_in_every_block(name: str) -> None:
    table = read_table(Path(f"metrics/tables/{name}.md").read_text(encoding="utf-8"))
    lines = printed(80, name)
    rules = [number for number, line in enumerate(lines) if line.startswith("──")]
    assert 1 <= len(rules) <= 3
    for rule in rules:
        block = [line.strip() for line in lines[rule + 1 : rule + 1 + len(table.rows)]]
        assert [line.startswith(str(row[0])) for line, row in zip(block, table.rows, strict=True)] == [True] * len(
            block
        )
        assert lines[rule + 1 + len(table.rows)] == ""


COLUMNS = ["model", "perplexity of the line", "perplexity of the stream", "size"]
MODELS = Table("models", "Numbers.", COLUMNS, [["a_long_name", "1.25", "2.50", "30"], ["模型", "3.00", "–", "4"]])


def test_a_terminal_that_is_wide_enough_shows_headings_on_one_line() -> None:
    assert shown(MODELS, 80)[:4] == [
        "model        perplexity of the line  perplexity of the stream  size",
        "───────────────────────────────────────────────────────────────────",
        "a_long_name                    1.25                      2.50    30",
        "模型                           3.00                         –     4",
    ]


def test_headings_take_several_lines_before_a_column_moves() -> None:
    lines = shown(MODELS, 43)
    assert lines[0].split() == ["perplexity", "perplexity"]
    assert lines[4] == "a_long_name        1.25        2.50    30"
    assert not any("other columns" in line for line in lines)


def test_columns_that_do_not_fit_follow_below_with_the_names_again() -> None:
    lines = shown(MODELS, 37)
    (hint,) = [number for number, line in enumerate(lines) if "Wider than 37 columns" in line]
    assert lines[hint - 3 : hint - 1] == ["a_long_name        1.25        2.50", "模型               3.00           –"]
    below = [line for line in lines[hint + 2 :] if line]
    assert below[0] == "model        size"
    assert below[2:4] == ["a_long_name    30", "模型            4"]


def test_rows_become_lists_where_the_names_fill_the_terminal() -> None:
    lines = shown(MODELS, 18)
    assert lines[0] == "a_long_name" and "模型" in lines
    assert "".join(lines).count("1.25") == 1


def test_sentences_become_lists_and_markup_becomes_text() -> None:
    sentence = "The longer the context, the lower is the perplexity | of *every* [model] <b>here</b>."
    rows = [[sentence, Marked("**fails**"), Marked("[window](../../experiments/studies/window.yaml)")]]
    lines = shown(Table("claims", "Claims.", ["claim", "verdict", "study"], rows), 50)
    assert " ".join(lines[:2]) == sentence
    assert [line.split() for line in lines[2:4]] == [["verdict", "fails"], ["study", "window"]]


def test_one_column_of_sentences_wraps_beside_the_others() -> None:
    sentence = "one two three four five six seven eight nine ten"
    table = Table("terms", "", ["name", "terms"], [["a_long_name", sentence], ["b", "free"]])
    assert shown(table, 60)[:4] == ["name         terms", "─" * 60, f"a_long_name  {sentence[:44]}", " " * 13 + "ten"]
    assert shown(table, 50)[0] == "a_long_name", "a list, as less than 40 columns are left"


@pytest.mark.parametrize("width", [60, 80, 140])
def test_the_list_of_corpora_has_whole_names(width: int) -> None:
    done = CliRunner().invoke(app, ["corpus", "list"], env={"COLUMNS": str(width)})
    lines = [line.rstrip() for line in done.output.splitlines()]
    assert max(map(cell_len, lines)) <= width and "…" not in done.output
    names = list(yaml.safe_load(Path("gradus/corpora/registry.yaml").read_text(encoding="utf-8"))["corpora"])
    assert {"builtin", *names} <= {line.split("  ")[0] for line in lines}


@pytest.mark.parametrize("text", ["", "No table.", "| a |", "| a | b |\n| --- |\n| 1 |\n| 1 | 2 | 3 |"])
def test_a_file_that_somebody_has_edited_is_printed(tmp_path: Path, text: str) -> None:
    (tmp_path / "mine.md").write_text(text)
    lines = printed(80, "mine", "--tables", str(tmp_path))
    assert "mine" in lines and ("No table" not in text or "No table." in lines)


def test_a_log_has_120_columns_and_a_variable_changes_that() -> None:
    assert 80 < max(map(len, printed(120, "ladder"))) <= 120
    log = CliRunner().invoke(app, ["table", "ladder"], env={"COLUMNS": ""}).output.splitlines()
    assert [line.rstrip() for line in log] == printed(0, "ladder") == printed(120, "ladder")
