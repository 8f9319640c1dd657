"""Read the tab-separated tables of the grammar, which have rows, directives (`%name`) and comments (#)."""

from collections.abc import Iterator
from dataclasses import dataclass

from gradus.errors import InputError


@dataclass(frozen=True)
class Row:
    """One row or directive of a table."""

    where: str
    """File and line number, for errors."""
    cells: tuple[str, ...]

    def error(self, *, expected: str, found: str, remedy: str = "correct the row") -> InputError:
        """Return an error that names this row."""
        return InputError(self.where, expected=expected, found=found, remedy=remedy)


@dataclass(frozen=True)
class Table:
    """Directives and rows of a table, in the order of the file."""

    directives: tuple[Row, ...]
    rows: tuple[Row, ...]

    def directive(self, name: str) -> Row:
        """Return the directive with this name.

        Raises:
            InputError: if the table does not have exactly one directive with this name.
        """
        found = [row for row in self.directives if row.cells[0] == name]
        if len(found) != 1:
            where = found[1].where if found else "the table"
            raise InputError(where, expected=f"one {name} row", found=f"{len(found)}", remedy="correct the table")
        return found[0]


def read_table(text: str, *, name: str, columns: int) -> Table:
    """Split a table into directives and rows; skip blank lines and comments.

    Args:
        text: the table, one row per line.
        name: file name of the table, for errors.
        columns: number of cells in each row; a directive has at least two cells.
    Raises:
        InputError: if a row has another number of cells or an empty cell.
    """
    directives: list[Row] = []
    rows: list[Row] = []
    for row in _rows(text, name):
        is_directive = row.cells[0].startswith("%")
        if "" in row.cells or (len(row.cells) < 2 if is_directive else len(row.cells) != columns):
            expected = f"{'at least 2' if is_directive else columns} cells, separated by tabs, none of them empty"
            found = f"{len(row.cells)} cells, {row.cells.count('')} of them empty"
            raise row.error(expected=expected, found=found)
        (directives if is_directive else rows).append(row)
    return Table(tuple(directives), tuple(rows))


def _rows(text: str, name: str) -> Iterator[Row]:
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip() and not line.startswith("#"):
            yield Row(f"{name}:{number}", tuple(line.split("\t")))


def read_weight(row: Row, text: str) -> float:
    """Parse a relative frequency in the table; refuse text that is not a positive number."""
    try:
        weight = float(text)
    except ValueError:
        weight = float("nan")  # fails the comparison below
    if not 0 < weight < float("inf"):
        raise row.error(expected="a positive number", found=repr(text))
    return weight
