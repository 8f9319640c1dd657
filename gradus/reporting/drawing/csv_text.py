"""Convert the numbers of a plot to CSV."""

import csv
import math
from collections.abc import Iterable, Sequence
from io import StringIO

from gradus.reporting.visible import visible


def csv_text(columns: Sequence[str], rows: Iterable[Sequence[str | float | None]]) -> str:
    """Return a table as CSV, header first. Lines end with a newline.

    Args:
        columns: names of the columns.
        rows: cells of each row. A number has ten significant digits, a whole number all digits; None is an empty cell;
            text is made visible.
    """
    text = StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow([visible(column) for column in columns])
    table.writerows([_cell(cell) for cell in row] for row in rows)
    return text.getvalue()


def _cell(value: str | float | None) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return visible(value)
    return str(int(value)) if math.isfinite(value) and value == int(value) else format(value, ".10g")
