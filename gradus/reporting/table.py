"""Tables as data and as Markdown."""

from collections.abc import Sequence
from dataclasses import dataclass

from gradus.markdown import escape
from gradus.reporting.visible import visible

MISSING = "–"
"""Text of a cell without a number."""

_LARGE = 1e12  # larger numbers are printed in scientific notation


class Marked(str):
    """Cell whose Markdown comes from gradus itself. Every other cell is shown as plain text."""

    __slots__ = ()


@dataclass(frozen=True)
class Table:
    """Rows of text under named columns. The first column names the row."""

    name: str
    caption: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]

    def __post_init__(self) -> None:
        """Refuse a row whose number of cells is not the number of columns."""
        for row in self.rows:
            if len(row) != len(self.columns):
                raise ValueError(f"{self.name}: expected {len(self.columns)} cells, found {len(row)}: {row}")

    @property
    def numeric(self) -> list[bool]:
        """Return for every column whether all its cells are numbers, dashes or empty."""
        cells = [[row[number] for row in self.rows] for number in range(len(self.columns))]
        return [all(cell == "" or cell in (MISSING, "∞") or cell[0].isdigit() for cell in column) for column in cells]

    def markdown(self) -> str:
        """Return the table as GitHub Markdown: numbers right-aligned, words left-aligned, caption below."""
        alignment = ["---:" if numeric else ":---" for numeric in self.numeric]
        rows = [list(map(_literal, row)) for row in (self.columns, *self.rows)]
        lines = ["| " + " | ".join(row) + " |" for row in (rows[0], alignment, *rows[1:])]
        return "\n".join([*lines, "", visible(self.caption), ""])


def _literal(cell: str) -> str:
    """Return Markdown that shows the cell as plain text."""
    if isinstance(cell, Marked):
        return cell
    return escape(visible(cell))


def number(value: float | None, digits: int = 2) -> str:
    """Format a number with separated thousands and `digits` decimals; infinity becomes ∞, None becomes a dash."""
    if value is None:
        return MISSING
    if value == float("inf"):
        return "∞"
    if abs(value) >= _LARGE:
        return f"{value:.3g}"
    return f"{value:,.{digits}f}"


def percent(value: float | None, digits: int = 1) -> str:
    """Format a share in per cent."""
    return MISSING if value is None else f"{100 * value:.{digits}f}%"
