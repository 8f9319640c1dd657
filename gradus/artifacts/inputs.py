"""Read files and JSON of unknown origin, with limits on sizes, types and values."""

import json
import math
import stat
from pathlib import Path
from typing import Any

from gradus.errors import InputError

INTEGERS = 2**63
"""Integers must lie strictly between -2^63 and 2^63, so that they fit into 64 bits."""


def require_regular(path: Path, expected: str, remedy: str) -> None:
    """Refuse a path that is not a regular file, because reading from a pipe or a device may never end.

    Args:
        path: the file.
        expected: what kind of file is expected, for the error message.
        remedy: what the user can do, for the error message.
    Raises:
        InputError: if the path does not exist or is not a regular file.
    """
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        raise InputError(path, expected=expected, found="no file", remedy=remedy) from None
    except OSError as error:
        raise InputError(path, expected=expected, found=str(error.strerror), remedy=remedy) from None
    if not stat.S_ISREG(mode):
        found = "a folder" if stat.S_ISDIR(mode) else "a pipe or a device"
        raise InputError(path, expected=expected, found=found, remedy=remedy)


def read_bytes(path: Path, expected: str, remedy: str, *, most: int) -> bytes:
    """Read a whole file of at most `most` bytes.

    Args:
        path: the file.
        expected: what kind of file is expected, for the error message.
        remedy: what the user can do, for the error message.
        most: maximum size of the file in bytes.
    Raises:
        InputError: if the path is not a readable regular file, or if the file is larger than `most`.
    """
    require_regular(path, expected, remedy)
    try:
        with path.open("rb") as file:
            content = file.read(most + 1)  # one byte more shows that the file is too large
    except OSError as error:
        raise InputError(path, expected=expected, found=str(error.strerror), remedy=remedy) from None
    if len(content) > most:
        raise InputError(path, expected=f"{expected} of at most {most} bytes", found="a larger file", remedy=remedy)
    return content


def parse_json(content: bytes) -> Any:
    """Parse JSON text in UTF-8; accept only finite numbers, 64-bit integers and valid Unicode.

    Raises:
        ValueError: if the content is anything else.
    """
    text = content.decode()
    try:
        value = json.loads(text, parse_int=_integer, parse_float=_finite, parse_constant=_finite)
        if "\\u" in text:  # an escape can spell half of a character, which UTF-8 cannot encode
            json.dumps(value, ensure_ascii=False).encode()
    except RecursionError:
        raise ValueError("values with too many levels") from None
    return value


def _integer(digits: str) -> int:
    if (
        len(digits) > 20 or not -INTEGERS < int(digits) < INTEGERS
    ):  # the length first, because `int` is slow for thousands of digits
        raise ValueError("an integer beyond 64 bits")
    return int(digits)


def _finite(digits: str) -> float:
    if not math.isfinite(value := float(digits)):
        raise ValueError(f"a number that is not finite: {digits[:20]}")
    return value
