"""The tab-separated tables of the grammar: comments, directives (`%name`) and rows."""

from collections.abc import Iterator
from dataclasses import dataclass

from gradus.errors import InputError


@dataclass(frozen=True)
class Row:
    """One row of a table and where it stands."""

    where: str
    cells: tuple[str, ...]

    def error(self, *, expected: str, found: str, remedy: str = "correct the row") -> InputError:
        """Build the error that names this row."""
        return InputError(self.where, expected=expected, found=found, remedy=remedy)


@dataclass(frozen=True)
class Table:
    """A table's directives, in the order of the file, and its rows."""

    directives: tuple[Row, ...]
    rows: tuple[Row, ...]

    def directive(self, name: str) -> Row:
        """Find the only directive of this name.

        Raises:
            InputError: if there is none, or more than one.
        """
        found = [row for row in self.directives if row.cells[0] == name]
        if len(found) != 1:
            where = found[1].where if found else "the table"
            raise InputError(where, expected=f"one {name} row", found=f"{len(found)}", remedy="correct the table")
        return found[0]


def read_table(text: str, *, name: str, columns: int) -> Table:
    """Split a tab-separated table into directives and rows; lines that are blank or begin with # are comments.

    Args:
        text: the table.
        name: its name, for errors.
        columns: how many cells every row has; a directive has at least two.
    Raises:
        InputError: for a row with another number of cells, or an empty one.
    """
    directives: list[Row] = []
    rows: list[Row] = []
    for row in _rows(text, name):
        is_directive = row.cells[0].startswith("%")
        if "" in row.cells or (len(row.cells) < 2 if is_directive else len(row.cells) != columns):
            found = f"{len(row.cells)}, {row.cells.count('')} of them empty"
            raise row.error(expected=f"{columns} cells between tabs", found=found)
        (directives if is_directive else rows).append(row)
    return Table(tuple(directives), tuple(rows))


def _rows(text: str, name: str) -> Iterator[Row]:
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip() and not line.startswith("#"):
            yield Row(f"{name}:{number}", tuple(line.split("\t")))


def read_weight(row: Row, text: str) -> float:
    """Read a relative frequency, a positive number."""
    try:
        weight = float(text)
    except ValueError:
        weight = float("nan")
    if not 0 < weight < float("inf"):
        raise row.error(expected="a positive number", found=repr(text))
    return weight
