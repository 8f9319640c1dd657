"""A table as data, and its two faces: Markdown for git, HTML for the page."""

from collections.abc import Sequence
from dataclasses import dataclass

MISSING = "–"
"""Stands where a model has no such number."""


@dataclass(frozen=True)
class Table:
    """Rows of text under named columns; the first column is the row's name."""

    name: str
    caption: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]

    def __post_init__(self) -> None:
        """Refuse a row that does not fit its columns."""
        for row in self.rows:
            if len(row) != len(self.columns):
                raise ValueError(f"{self.name}: expected {len(self.columns)} cells, found {len(row)}: {row}")

    @property
    def numeric(self) -> list[bool]:
        """Say of every column whether it holds numbers."""
        cells = [[row[number] for row in self.rows] for number in range(len(self.columns))]
        return [all(cell == "" or cell in (MISSING, "∞") or cell[0].isdigit() for cell in column) for column in cells]

    def markdown(self) -> str:
        """Return the table as GitHub Markdown, numbers to the right, words to the left, the caption below."""
        alignment = ["---:" if numeric else ":---" for numeric in self.numeric]
        lines = ["| " + " | ".join(row) + " |" for row in (self.columns, alignment, *self.rows)]
        return "\n".join([*lines, "", self.caption, ""])


def number(value: float | None, digits: int = 2) -> str:
    """Return a number with thousands separated and `digits` decimals; infinity is ∞ and None a dash."""
    if value is None:
        return MISSING
    if value == float("inf"):
        return "∞"
    return f"{value:,.{digits}f}"


def percent(value: float | None, digits: int = 1) -> str:
    """Return a share as per cent."""
    return MISSING if value is None else f"{100 * value:.{digits}f}%"
