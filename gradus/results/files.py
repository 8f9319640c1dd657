"""Write and read results as JSON files. A field whose value is None has no key in the file."""

from pathlib import Path
from typing import Any, TypeVar

from pydantic import TypeAdapter

from gradus.artifacts.json_files import read_json, write_json
from gradus.errors import InputError
from gradus.params import validated

Result = TypeVar("Result")


def write_result(path: Path, result: object) -> None:
    """Write a result as a JSON file. The keys have the order of the dataclass fields."""
    write_json(path, as_json(result))


def as_json(result: object) -> dict[str, Any]:
    """Return a result as the JSON object that `write_result` writes."""
    # exclude_none: `dvc metrics` silently drops null values, so a missing value is a missing key.
    values: dict[str, Any] = TypeAdapter(type(result)).dump_python(result, by_alias=True, exclude_none=True)
    return values


def read_result(path: Path, kind: type[Result]) -> Result:
    """Read a result file and check all values.

    Raises:
        InputError: if the file is missing, or a value has a wrong type or is out of bounds. The error names the key.
    """
    return parse_result(read_json(path), f"{path}: ", kind, remedy="run again the command that writes this file")


def parse_result(values: Any, where: str, kind: type[Result], *, remedy: str) -> Result:
    """Check JSON values and convert them to a result type.

    Args:
        values: content of a JSON file, or the value of one key in this file.
        where: the file and the key, for the error message.
        kind: a result type, or any other type that pydantic can validate.
        remedy: what the user should do if a value is refused, for the error message.
    Raises:
        InputError: if a value is missing, has a wrong type or is out of bounds.
    """
    try:
        return validated(values, where, kind)
    except InputError as error:
        raise InputError(error.where, expected=error.expected, found=error.found, remedy=remedy) from None
