"""The result of a measurement, and its JSON file."""

from pathlib import Path

from gradus.artifacts.json_files import read_json
from gradus.errors import InputError

Measured = dict[str, float | int | list[float]]
"""Result of a measurement: dict from the name of a figure to a number or a list of numbers."""


def is_measured(path: Path) -> bool:
    """Say whether an existing file is a measurement: a JSON object of numbers and lists of numbers."""
    try:
        values = read_json(path).values()
    except InputError:
        return False
    flat = [each for value in values for each in (value if isinstance(value, list) else [value])]
    return bool(flat) and all(isinstance(each, int | float) for each in flat)


def summary(measured: Measured) -> str:
    """Return the single numbers of a measurement in one line."""
    single = {key: value for key, value in measured.items() if not isinstance(value, list)}
    return ", ".join(f"{key} {value:.6g}" for key, value in single.items())
