"""What a report shows of a model besides numbers."""

import csv
from pathlib import Path


def read_history(path: Path) -> list[dict[str, float]]:
    """Return the rows of a training's `history.csv`; none for a model that was not trained by steps."""
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return [{column: float(value) for column, value in row.items()} for row in csv.DictReader(file)]
