"""Check numbers that a caller gives; the command line checks its options itself."""

from gradus.errors import InputError

MOST = 2**63 - 1
"""Largest number that NumPy and torch accept."""


def require_number(name: str, value: int, *, least: int = 1) -> None:
    """Raise InputError unless `value` is at least `least` and below 2^63.

    Args:
        name: name of the argument, for the error.
        value: the number.
        least: smallest allowed number.
    """
    if not least <= value <= MOST:
        expected = f"a number from {least} to 2^63 - 1"
        raise InputError(name, expected=expected, found=str(value), remedy="choose another number")
