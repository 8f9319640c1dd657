"""Compare two ARPA files number by number."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from pyarrow import csv

from gradus.errors import RunError
from gradus.ngram.arpa.fields import ZERO


def differences(ours: Path, theirs: Path) -> dict[str, Any]:
    """Compare the models in two ARPA files.

    Returns:
        Dict from each order to a dict of three numbers: the number of n-grams, the largest difference of log10
        probabilities, and the largest difference of log10 back-off weights. The highest order has no back-off weights.
    Raises:
        RunError: if the files contain different n-grams.
    """
    by_order = {}
    for order, (mine, other) in enumerate(zip(_sections(ours), _sections(theirs), strict=True), 1):
        if not mine.column("ngram").equals(other.column("ngram")):
            raise RunError(f"{ours} and {theirs} contain different {order}-grams")
        by_order[str(order)] = {"entries": mine.num_rows} | {
            f"largest_{name}_difference": float(f"{_largest(mine.column(name), other.column(name)):.2g}")
            for name in mine.column_names
            if name != "ngram"
        }
    return by_order


def _sections(path: Path) -> list[pa.Table]:
    """Read an ARPA file; return one table per order. The rows of a table are sorted by n-gram."""
    content = path.read_bytes()
    orders = content.count(b"\nngram ")
    tables = []
    for order in range(1, orders + 1):
        begin = content.index(b"\\%d-grams:\n" % order) + len(b"\\%d-grams:\n" % order)
        end = content.index(b"\n\n", begin) + 1
        names = ["log10_prob", "ngram", "log10_weight"][: 3 if order < orders else 2]
        table = csv.read_csv(
            pa.py_buffer(content[begin:end]),
            read_options=csv.ReadOptions(column_names=names),
            parse_options=csv.ParseOptions(delimiter="\t", quote_char=False, ignore_empty_lines=False),
            convert_options=csv.ConvertOptions(
                column_types={name: pa.string() if name == "ngram" else pa.float64() for name in names},
                strings_can_be_null=False,
            ),
        )
        # sorted, because toolkits write the n-grams of a section in different orders
        tables.append(table.sort_by("ngram").combine_chunks())
    return tables


def _largest(ours: Any, theirs: Any) -> float:
    """Return the largest absolute difference of two columns. Rows with a probability of zero are left out."""
    # p(BOS) differs: our files contain log10 of zero (-99), and the files of lmplz contain 0
    one, other = (np.asarray(column.to_numpy()) for column in (ours, theirs))
    return float(np.abs(one - other)[(one > ZERO) & (other > ZERO)].max(initial=0.0))
