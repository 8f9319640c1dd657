"""A table as data, and as Markdown for git."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from gradus.reporting.visible import visible

MISSING = "–"
"""Stands where a model has no such number."""

# What Markdown reads otherwise: punctuation, the underscores at the ends of words, and what makes an address a link.
_ACTIVE = re.compile(r"[\\|`*<>&\[\]~$@]|(?<![0-9A-Za-z])_|_(?![0-9A-Za-z])|:(?=//)|(?<=www)\.")


_LARGE = 1e12  # from here on, a number's size says more than its digits


class Marked(str):
    """A cell of our own that is Markdown; every other cell is text, whatever it holds."""

    __slots__ = ()


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
        rows = [list(map(_literal, row)) for row in (self.columns, *self.rows)]
        lines = ["| " + " | ".join(row) + " |" for row in (rows[0], alignment, *rows[1:])]
        return "\n".join([*lines, "", visible(self.caption), ""])


def _literal(cell: str) -> str:
    """Return a cell as Markdown that shows it and does nothing else."""
    if isinstance(cell, Marked):
        return cell
    return _ACTIVE.sub(lambda found: f"&#{ord(found[0])};", visible(cell))


def number(value: float | None, digits: int = 2) -> str:
    """Return a number with thousands separated and `digits` decimals; infinity is ∞, None a dash."""
    if value is None:
        return MISSING
    if value == float("inf"):
        return "∞"
    if abs(value) >= _LARGE:
        return f"{value:.3g}"
    return f"{value:,.{digits}f}"


def percent(value: float | None, digits: int = 1) -> str:
    """Return a share as per cent."""
    return MISSING if value is None else f"{100 * value:.{digits}f}%"
