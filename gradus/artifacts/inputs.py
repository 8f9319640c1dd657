"""Read files and JSON of unknown origin within bounds of size, type and value."""

import json
import math
import stat
from pathlib import Path
from typing import Any

from gradus.errors import InputError

INTEGERS = 2**63
"""Bound of an integer's absolute value, so that 64 bits hold it."""


def require_regular(path: Path, expected: str, remedy: str) -> None:
    """Refuse a path that is not a regular file: reading a pipe may wait for ever, and a device may never end.

    Args:
        path: the file.
        expected: description of a right file, for errors.
        remedy: advice to the reader, for errors.
    Raises:
        InputError: if there is no regular file.
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

    Raises:
        InputError: if there is no readable regular file, or it is larger.
    """
    require_regular(path, expected, remedy)
    try:
        with path.open("rb") as file:
            content = file.read(most + 1)  # not all: the file may be of any size
    except OSError as error:
        raise InputError(path, expected=expected, found=str(error.strerror), remedy=remedy) from None
    if len(content) > most:
        raise InputError(path, expected=f"{expected} of at most {most} bytes", found="a larger file", remedy=remedy)
    return content


def parse_json(content: bytes) -> Any:
    """Parse JSON in UTF-8 with finite numbers, 64-bit integers and Unicode text.

    Raises:
        ValueError: for any other content.
    """
    text = content.decode()
    try:
        value = json.loads(text, parse_int=_integer, parse_float=_finite, parse_constant=_finite)
        if "\\u" in text:  # an escape can spell half of a character, which UTF-8 cannot encode
            json.dumps(value, ensure_ascii=False).encode()
    except RecursionError:
        raise ValueError("values nested too deep") from None
    return value


def _integer(digits: str) -> int:
    if len(digits) > 20 or not -INTEGERS < int(digits) < INTEGERS:  # 20 digits first: `int` is slow for thousands
        raise ValueError("an integer beyond 64 bits")
    return int(digits)


def _finite(digits: str) -> float:
    if not math.isfinite(value := float(digits)):
        raise ValueError(f"a number that is not finite: {digits[:20]}")
    return value
