from pathlib import Path

import pytest

from gradus.errors import InputError
from gradus.pipeline.readme import splice

PAGE = "before\n<!-- table:ladder -->\nold\n<!-- end -->\nafter\n"


def test_a_table_replaces_the_old_one_and_a_second_call_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "ladder.md").write_text("| a |\n| - |\n")
    once = splice(PAGE, tmp_path)
    assert once == "before\n<!-- table:ladder -->\n| a |\n| - |\n<!-- end -->\nafter\n"
    assert splice(once, tmp_path) == once


def test_each_block_gets_its_own_table(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("A\n")
    (tmp_path / "b.md").write_text("B\n")
    page = "<!-- table:a -->\n<!-- end -->\nbetween\n<!-- table:b -->\n<!-- end -->\n"
    assert splice(page, tmp_path) == "<!-- table:a -->\nA\n<!-- end -->\nbetween\n<!-- table:b -->\nB\n<!-- end -->\n"


def test_a_missing_table_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="ladder.md: expected a table, found no file"):
        splice(PAGE, tmp_path)


def test_a_block_without_an_end_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="expected <!-- end --> after each table"):
        splice(PAGE.replace("<!-- end -->", ""), tmp_path)


def test_the_readme_shows_the_committed_tables() -> None:
    text = Path("README.md").read_text(encoding="utf-8")
    assert splice(text, Path("metrics/tables")) == text
