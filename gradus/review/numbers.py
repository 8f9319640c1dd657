"""Nested values as dotted keys, and which of them differ between two sides."""

import json
import math
from collections.abc import Iterator, Mapping
from typing import Any

Change = tuple[str, Any, Any]
"""A dotted key, its value before and after; None where there is none."""


def differences(before: Mapping[str, Any], after: Mapping[str, Any], *, tolerance: float) -> list[Change]:
    """Return the keys whose values differ, in the order of `after`.

    Args:
        tolerance: relative difference up to which two numbers of one type are the same; 0 for parameters, of which
            every change counts.
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
    if json.dumps(before) == json.dumps(after):  # 1, 1.0 and true are equal to Python
        return True
    numbers = all(isinstance(value, int | float) and not isinstance(value, bool) for value in (before, after))
    return numbers and tolerance > 0 and math.isclose(before, after, rel_tol=tolerance)
