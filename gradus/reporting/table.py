"""Represent tables as data and convert them to Markdown."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from gradus.markdown import escape
from gradus.reporting.visible import visible

MISSING = "–"
"""Content of a cell that has no value."""

_LARGEST_LOGARITHM = 700
_LARGE = 1e12  # from this number on, scientific notation keeps the columns narrow


class Marked(str):
    """Cell whose text is Markdown. All other cells are plain text: their Markdown characters are escaped."""

    __slots__ = ()


@dataclass(frozen=True)
class Table:
    """Table of text cells with a caption."""

    name: str
    """Name of the table, which is also the name of its file."""
    caption: str
    """Explanation of the table, shown below it."""
    columns: Sequence[str]
    """Headings of the columns."""
    rows: Sequence[Sequence[str]]
    """Cells of each row. The first cell names the row."""

    def __post_init__(self) -> None:
        """Raise ValueError if a row does not have one cell per column."""
        for row in self.rows:
            if len(row) != len(self.columns):
                raise ValueError(f"{self.name}: expected {len(self.columns)} cells, found {len(row)}: {row}")

    @property
    def numeric(self) -> list[bool]:
        """One value per column: whether every cell of the column is a number, a dash or empty."""
        cells = [[row[number] for row in self.rows] for number in range(len(self.columns))]
        return [all(cell == "" or cell in (MISSING, "∞") or cell[0].isdigit() for cell in column) for column in cells]

    def without(self, column: str) -> "Table":
        """Return the table without a column."""
        kept = [number for number, heading in enumerate(self.columns) if heading != column]
        columns, *rows = ([cells[number] for number in kept] for cells in (self.columns, *self.rows))
        return Table(self.name, self.caption, columns, rows)

    def only(self, column: str, name: str) -> "Table":
        """Return the table with those rows only whose cell in a column is a name, or a link with this name."""
        number = list(self.columns).index(column)
        rows = [row for row in self.rows if row[number] == name or row[number].startswith(f"[{name}]")]
        return Table(self.name, self.caption, self.columns, rows)

    def markdown(self) -> str:
        """Convert the table to GitHub Markdown, with the caption below. Only numeric columns are right-aligned."""
        alignment = ["---:" if numeric else ":---" for numeric in self.numeric]
        rows = [list(map(_literal, row)) for row in (self.columns, *self.rows)]
        lines = ["| " + " | ".join(row) + " |" for row in (rows[0], alignment, *rows[1:])]
        return "\n".join([*lines, "", visible(self.caption), ""])


def _literal(cell: str) -> str:
    """Escape a cell, so that Markdown shows its characters as they are; leave a `Marked` cell unchanged."""
    if isinstance(cell, Marked):
        return cell
    return escape(visible(cell))


def number(value: float | None, digits: int = 2) -> str:
    """Format a number with a comma between thousands and with `digits` decimals.

    Infinity becomes ∞, and None becomes a dash. Numbers of at least 10^12 are in scientific notation.
    """
    if value is None:
        return MISSING
    if value == float("inf"):
        return "∞"
    if abs(value) >= _LARGE:
        return f"{value:.3g}"
    return f"{value:,.{digits}f}"


def exponential(value: float) -> float:
    """Return e to the power of a number; infinity if a float cannot hold it."""
    return math.exp(value) if value < _LARGEST_LOGARITHM else math.inf


def percent(value: float | None, digits: int = 1) -> str:
    """Format a share between 0 and 1 as a percentage; None becomes a dash."""
    return MISSING if value is None else f"{100 * value:.{digits}f}%"
