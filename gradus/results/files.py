"""Results as JSON files. A key whose value is None is absent."""

from pathlib import Path
from typing import Any, TypeVar

from pydantic import TypeAdapter

from gradus.artifacts.json_files import read_json, write_json
from gradus.errors import InputError
from gradus.params import validated

Result = TypeVar("Result")


def write_result(path: Path, result: object) -> None:
    """Write a result as JSON, its keys in the order of the fields."""
    write_json(path, as_json(result))


def as_json(result: object) -> dict[str, Any]:
    """Return the content of a result's file."""
    # exclude_none: DVC drops null without a word, so a missing value is a missing key.
    values: dict[str, Any] = TypeAdapter(type(result)).dump_python(result, by_alias=True, exclude_none=True)
    return values


def read_result(path: Path, kind: type[Result]) -> Result:
    """Read a result.

    Raises:
        InputError: with the key, if the file is missing or a value has another type or is out of bounds.
    """
    return parse_result(read_json(path), f"{path}: ", kind, remedy="run the command that writes this file again")


def parse_result(values: Any, where: str, kind: type[Result], *, remedy: str) -> Result:
    """Check plain JSON values and return them as a result.

    Args:
        values: content of the file, or a part of it.
        where: the file and the key of the part, for the error.
        kind: a result type, or any type that pydantic validates.
        remedy: advice to a user whose file is refused.
    """
    try:
        return validated(values, where, kind)
    except InputError as error:
        raise InputError(error.where, expected=error.expected, found=error.found, remedy=remedy) from None
