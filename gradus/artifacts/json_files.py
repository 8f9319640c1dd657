"""Read and write JSON files whose content is one JSON object."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gradus.artifacts.inputs import parse_json, read_bytes
from gradus.artifacts.places import IsOurs, write_text
from gradus.errors import InputError

MOST_BYTES = 1 << 26
"""Maximum size of a file in bytes; the parsed values need about twenty times as much memory."""

_KINDS = {list: "a list", str: "text", int: "a number", float: "a number", bool: "true or false", type(None): "null"}


def write_json(path: Path, value: Mapping[str, Any]) -> None:
    """Write a mapping as a JSON object, in the order of its keys; raise ValueError for NaN and infinities."""
    # allow_nan=False: JSON has no NaN, and `read_json` would refuse the file.
    write_text(path, json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n")


def json_with(*keys: str) -> IsOurs:
    """Return a function for `new_file`; the function tells whether a file is a JSON object with these keys."""

    def is_ours(path: Path) -> bool:
        try:
            return set(keys) <= set(read_json(path))
        except InputError:
            return False

    return is_ours


def read_json(path: Path) -> dict[str, Any]:
    """Read a JSON object.

    Raises:
        InputError: if the file is missing or damaged, or if its content is not a JSON object.
    """
    content = read_bytes(path, "a JSON file", "run the stage that writes it (dvc repro)", most=MOST_BYTES)
    try:
        value = parse_json(content)
    except ValueError as error:
        raise InputError(path, expected="JSON", found=str(error), remedy="run the stage again") from None
    if not isinstance(value, dict):
        raise InputError(path, expected="a JSON object", found=_KINDS[type(value)], remedy="run the stage again")
    return value
