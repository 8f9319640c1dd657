"""Files that stages leave behind: written beside their place and renamed, equal bytes for equal content."""

import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradus.errors import InputError

Allocate = Callable[[int, type[np.generic]], NDArray[Any]]
"""Gives room for so many values of a type, in memory or in a file."""


@contextmanager
def new_folder(path: Path) -> Iterator[Path]:
    """Yield an empty folder beside `path` that takes its name once the block ends well.

    A block that fails, or a process that is killed, leaves `path` as it was; the half-written
    `path.part` is cleared by the next attempt.
    """
    part = path.with_name(path.name + ".part")
    _remove(part)
    part.mkdir(parents=True)
    yield part
    _remove(path)
    os.replace(part, path)


@contextmanager
def new_file(path: Path) -> Iterator[Path]:
    """Yield a file name beside `path` that takes its name once the block ends well."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    _remove(part)
    yield part
    os.replace(part, path)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 text with LF line ends."""
    with new_file(path) as part:
        part.write_text(text, encoding="utf-8", newline="\n")


def write_json(path: Path, value: Mapping[str, Any]) -> None:
    """Write a mapping as JSON, keys in the order given; NaN and infinities are refused."""
    write_text(path, json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n")


def read_json(path: Path) -> dict[str, Any]:
    """Read a JSON object.

    Raises:
        InputError: if the file is missing, broken, or holds something else than an object.
    """
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InputError(
            path, expected="a JSON file", found="no file", remedy="run the stage that writes it (dvc repro)"
        ) from None
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise InputError(path, expected="JSON", found=str(error), remedy="run the stage again") from None
    if not isinstance(value, dict):
        raise InputError(path, expected="a JSON object", found=type(value).__name__, remedy="run the stage again")
    return value


def write_array(path: Path, array: NDArray[Any]) -> None:
    """Write one NumPy array (`.npy`, no pickle)."""
    with new_file(path) as part, part.open("wb") as file:
        np.save(file, array, allow_pickle=False)


def read_array(path: Path) -> NDArray[Any]:
    """Open one NumPy array as a read-only memory map.

    Raises:
        InputError: if the file is missing or truncated.
    """
    try:
        return np.load(path, mmap_mode="r", allow_pickle=False)  # type: ignore[no-any-return]
    except FileNotFoundError:
        raise InputError(
            path, expected="a NumPy array", found="no file", remedy="run the stage that writes it (dvc repro)"
        ) from None
    except (ValueError, EOFError, OSError) as error:
        raise InputError(path, expected="a NumPy array", found=str(error), remedy="run its stage again") from None


def in_memory(size: int, dtype: type[np.generic]) -> NDArray[Any]:
    """Give room in memory; the part of it that is never written takes none."""
    return np.empty(size, dtype)


@contextmanager
def working_room(folder: Path | None) -> Iterator[Allocate]:
    """Yield what gives room for arrays: memory, or memory-mapped files in a folder, deleted when the block ends.

    Only what is written of such a file takes room on the disk; the system keeps of it in memory what fits.
    """
    if folder is None:
        yield in_memory
        return
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=folder, prefix="arrays.") as scratch:
        numbers = count()

        def in_files(size: int, dtype: type[np.generic]) -> NDArray[Any]:
            # a file cannot be empty
            return np.memmap(Path(scratch) / str(next(numbers)), dtype, "w+", shape=(max(1, size),))[:size]

        yield in_files
