"""Write the history of a training, with one row per epoch.

Clock times are left out, because they differ from run to run.
"""

import csv
from collections.abc import Sequence
from dataclasses import asdict, fields
from pathlib import Path

from gradus.training.run import Epoch

HEADER = "epoch,step,"
"""First characters of the file."""


def write_history(path: Path, epochs: Sequence[Epoch]) -> None:
    """Write a CSV file. Each row has the number of an epoch, then all figures with ten significant digits."""
    with path.open("w", encoding="utf-8", newline="") as file:
        # csv ends lines with \r\n by default.
        table = csv.writer(file, lineterminator="\n")
        table.writerow(["epoch", *(column.name for column in fields(Epoch))])
        for number, epoch in enumerate(epochs, start=1):
            table.writerow([number, *(format(value, ".10g") for value in asdict(epoch).values())])
