"""Read the training history from the folder of a model."""

import csv
from pathlib import Path

from gradus.artifacts.inputs import require_regular
from gradus.errors import InputError
from gradus.results.details import HistoryRow
from gradus.results.files import parse_result

_REMEDY = "train the model again"


def read_history(path: Path) -> list[HistoryRow]:
    """Read the file `history.csv` of a model.

    Returns:
        One row per epoch; an empty list if the file does not exist.
    Raises:
        InputError: if the file is not a table of finite numbers with the columns of `HistoryRow`.
    """
    if not path.exists():
        return []
    expected = "a table of numbers"
    require_regular(path, expected, _REMEDY)
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = [{column: float(value) for column, value in row.items()} for row in csv.DictReader(file)]
    # float() raises TypeError for a row with too few cells, which DictReader fills with None.
    except (ValueError, TypeError, OSError, csv.Error) as error:
        raise InputError(path, expected=expected, found=str(error), remedy=_REMEDY) from None
    return parse_result(rows, f"{path}: ", list[HistoryRow], remedy=_REMEDY)
