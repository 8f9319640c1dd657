"""Write numbers and names in sentences."""

import math
from collections.abc import Iterable, Mapping

from gradus.reporting.table import number

_EXPONENT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def amount(value: float) -> str:
    """Format a measured number with three significant digits, such as 34.5 or 0.00123; a whole number has all digits.

    Very large and very small numbers are written with a power of ten, infinity as ∞.
    """
    if math.isinf(value) or value == round(value):
        return number(value, 0)
    if not 1e-4 <= abs(value) < 1e7:
        return _with_power(f"{value:.2e}")
    return number(value, max(0, 2 - math.floor(math.log10(abs(value)))))


def exactly(value: float) -> str:
    """Format a number that somebody chose, such as that of a tick: 0.3, 5,000, 10⁻⁹."""
    if value and not 1e-4 <= abs(value) < 1e7:
        return _with_power(f"{value:.3e}")
    return f"{value:,.9g}"


def _with_power(scientific: str) -> str:
    digits, exponent = scientific.split("e")
    power = f"10{str(int(exponent)).translate(_EXPONENT)}"
    return power if float(digits) == 1 else f"{float(digits):g}·{power}"


MOST_LISTED = 8
"""Maximum number of parts that a sentence lists."""


def listed(parts: Iterable[str]) -> str:
    """Join parts of a sentence: a; a and b; a, b and c. A long list ends with the number of its other parts."""
    *most, last = [*parts] or [""]
    if len(most) >= MOST_LISTED:
        most, last = most[: MOST_LISTED - 1], f"{len(most) - MOST_LISTED + 2} more"
    return f"{', '.join(most)} and {last}" if most else last


def lowest(values: Mapping[str, float]) -> tuple[str, float]:
    """Return the name and the value of the lowest number."""
    return min(values.items(), key=lambda item: item[1])


def highest(values: Mapping[str, float]) -> tuple[str, float]:
    """Return the name and the value of the highest number."""
    return max(values.items(), key=lambda item: item[1])


def times(ratio: float) -> str:
    """Write a ratio: 2.5 times."""
    return f"{amount(ratio)} times"
