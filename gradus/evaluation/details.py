"""What a report shows of a model besides numbers."""

import csv
import math
from pathlib import Path

from gradus.artifacts.inputs import require_regular
from gradus.errors import InputError

METRICS, DETAILS = ("corpus", "text"), ("history",)
"""Keys that every file of metrics or of details has, by which gradus knows its own."""


def read_history(path: Path) -> list[dict[str, float]]:
    """Return the rows of a training's `history.csv`; none for a model that was not trained by steps.

    Raises:
        InputError: if the file is no table of numbers.
    """
    if not path.exists():
        return []
    expected, remedy = "a table of numbers", "train the model again"
    require_regular(path, expected, remedy)
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = [{column: float(value) for column, value in row.items()} for row in csv.DictReader(file)]
    except (ValueError, TypeError, OSError, csv.Error) as error:
        raise InputError(path, expected=expected, found=str(error), remedy=remedy) from None
    if not all(math.isfinite(value) for row in rows for value in row.values()):
        raise InputError(path, expected=expected, found="NaN or infinity", remedy=remedy)
    return rows
