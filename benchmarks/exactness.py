"""Compare two ARPA files number by number."""

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from pyarrow import csv

from gradus.errors import RunError
from gradus.ngram.arpa.fields import ZERO


def differences(ours: Path, theirs: Path) -> dict[str, Any]:
    """Compare two models, order by order.

    Returns:
        For each order the number of n-grams, and the largest differences of log10 probabilities and log10 back-off
        weights.
    Raises:
        RunError: if the files hold different n-grams.
    """
    by_order = {}
    for order, (mine, other) in enumerate(zip(_sections(ours), _sections(theirs), strict=True), 1):
        if not mine.column("ngram").equals(other.column("ngram")):
            raise RunError(f"the {order}-grams of {ours} are not those of {theirs}")
        by_order[str(order)] = {"entries": mine.num_rows} | {
            f"largest_{name}_difference": float(f"{_largest(mine.column(name), other.column(name)):.2g}")
            for name in mine.column_names
            if name != "ngram"
        }
    return by_order


def _sections(path: Path) -> list[pa.Table]:
    """Read the n-grams of every order, sorted by text: toolkits list them in different orders."""
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
        tables.append(table.sort_by("ngram").combine_chunks())
    return tables


def _largest(ours: Any, theirs: Any) -> float:
    """Return the largest absolute difference, without probabilities of zero."""
    # p(BOS) is zero in our files, and its logarithm is 0 in those of lmplz
    one, other = (np.asarray(column.to_numpy()) for column in (ours, theirs))
    return float(np.abs(one - other)[(one > ZERO) & (other > ZERO)].max(initial=0.0))
