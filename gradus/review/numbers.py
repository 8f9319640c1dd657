"""Find the values that differ between two nested mappings."""

import json
import math
from collections.abc import Iterator, Mapping
from typing import Any

Change = tuple[str, Any, Any]
"""Dotted key, value before, value after; a missing value is None."""


def differences(before: Mapping[str, Any], after: Mapping[str, Any], *, tolerance: float) -> list[Change]:
    """Return the keys whose values differ, in the order of `after`.

    Args:
        before: old values, a nested mapping.
        after: new values, a nested mapping.
        tolerance: two numbers count as equal if their relative difference is at most this value. Use 0 for parameters,
            because every change of a parameter counts.
    """
    old, new = dict(_flat(before)), dict(_flat(after))
    keys = dict.fromkeys([*new, *old])
    return [(key, old.get(key), new.get(key)) for key in keys if not _same(old.get(key), new.get(key), tolerance)]


def _flat(values: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in values.items():
        if isinstance(value, Mapping) and value:
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def _same(before: Any, after: Any, tolerance: float) -> bool:
    if json.dumps(before) == json.dumps(after):  # Python would call 1, 1.0 and true equal
        return True
    numbers = all(isinstance(value, int | float) and not isinstance(value, bool) for value in (before, after))
    return numbers and tolerance > 0 and math.isclose(before, after, rel_tol=tolerance)
