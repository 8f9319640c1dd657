"""What a report shows of a model besides numbers."""

import csv
from pathlib import Path

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
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return [{column: float(value) for column, value in row.items()} for row in csv.DictReader(file)]
    except (ValueError, TypeError, csv.Error) as error:
        raise InputError(
            path, expected="a table of numbers", found=str(error), remedy="train the model again"
        ) from None
