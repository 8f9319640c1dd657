"""JSON files: one object each."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gradus.artifacts.inputs import parse_json, read_bytes
from gradus.artifacts.places import IsOurs, write_text
from gradus.errors import InputError

MOST_BYTES = 1 << 26
"""Of a file at most: its values take some twenty times as much memory."""


def write_json(path: Path, value: Mapping[str, Any]) -> None:
    """Write a mapping as JSON, keys in the order given; NaN and infinities are refused."""
    write_text(path, json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n")


def json_with(*keys: str) -> IsOurs:
    """Return a test of whether a file is a JSON object with some keys, for `new_file`."""

    def is_ours(path: Path) -> bool:
        try:
            return set(keys) <= set(read_json(path))
        except InputError:
            return False

    return is_ours


def read_json(path: Path) -> dict[str, Any]:
    """Read a JSON object.

    Raises:
        InputError: if the file is missing, broken, or holds something else than an object.
    """
    content = read_bytes(path, "a JSON file", "run the stage that writes it (dvc repro)", most=MOST_BYTES)
    try:
        value = parse_json(content)
    except ValueError as error:
        raise InputError(path, expected="JSON", found=str(error), remedy="run the stage again") from None
    if not isinstance(value, dict):
        raise InputError(path, expected="a JSON object", found=type(value).__name__, remedy="run the stage again")
    return value
