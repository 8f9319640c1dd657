"""What is read of files that nobody vouches for."""

import json
import math
import stat
from pathlib import Path
from typing import Any

from gradus.errors import InputError

INTEGERS = 2**63
"""Bound of an integer's absolute value: 64 bits hold what is below."""


def require_regular(path: Path, expected: str, remedy: str) -> None:
    """Refuse what is no regular file: a pipe may never answer, a device may never end.

    Args:
        path: the file.
        expected: what it should be, for errors.
        remedy: what the reader can do about a file that is refused.
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
    """Read a whole file of at most so many bytes.

    Raises:
        InputError: if there is no regular file that can be read, or it is larger.
    """
    require_regular(path, expected, remedy)
    try:
        with path.open("rb") as file:
            content = file.read(most + 1)
    except OSError as error:
        raise InputError(path, expected=expected, found=str(error.strerror), remedy=remedy) from None
    if len(content) > most:
        raise InputError(path, expected=f"{expected} of at most {most} bytes", found="a larger file", remedy=remedy)
    return content


def parse_json(content: bytes) -> Any:
    """Return the value of JSON in UTF-8 whose numbers are finite, integers of 64 bits, and whose text is Unicode.

    Raises:
        ValueError: for anything else.
    """
    text = content.decode()
    try:
        value = json.loads(text, parse_int=_integer, parse_float=_finite, parse_constant=_finite)
        if "\\u" in text:  # may spell half of a character
            json.dumps(value, ensure_ascii=False).encode()
    except RecursionError:
        raise ValueError("values too deep within each other") from None
    return value


def _integer(digits: str) -> int:
    if len(digits) > 20 or not -INTEGERS < int(digits) < INTEGERS:
        raise ValueError("an integer beyond 64 bits")
    return int(digits)


def _finite(digits: str) -> float:
    if not math.isfinite(value := float(digits)):
        raise ValueError(f"a number that is not finite: {digits[:20]}")
    return value
