"""Memory for large arrays, or files in its place."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from gradus.errors import InputError


class Allocate(Protocol):
    """Allocates an array of so many values, in memory or in a file."""

    def __call__(self, size: int, dtype: type[np.generic], *, growing: bool = False) -> NDArray[Any]:
        """Return an array whose values are not set.

        Args:
            size: values.
            dtype: their type.
            growing: whether `size` is a bound: `reserve` is then called before values are written.
        Raises:
            OSError: if the disk has no space for it.
        """
        ...


def in_memory(size: int, dtype: type[np.generic], *, growing: bool = False) -> NDArray[Any]:
    """Allocate memory; pages that are never written take none."""
    return np.empty(size, dtype)


def reserve(array: NDArray[Any], begin: int, end: int) -> None:
    """Take disk space for the values from `begin` to `end` of a growing array that is a file.

    A write to a mapped file for which the disk has no space would kill the process (SIGBUS).

    Raises:
        OSError: if the disk is full.
    """
    if isinstance(array, np.memmap) and end > begin:
        _take_space(Path(str(array.filename)), begin * array.itemsize, (end - begin) * array.itemsize)


@contextmanager
def working_arrays(folder: Path | None) -> Iterator[Allocate]:
    """Yield an allocator: of memory, or of memory-mapped files in a folder, deleted when the block ends.

    The system keeps in memory what fits of such files.
    """
    if folder is None:
        yield in_memory
        return
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError) as error:
        raise InputError(
            folder, expected="a folder for working files", found=f"a file ({error.filename})", remedy="name another"
        ) from None
    with TemporaryDirectory(dir=folder, prefix="arrays.") as scratch:
        numbers = count()

        def in_files(size: int, dtype: type[np.generic], *, growing: bool = False) -> NDArray[Any]:
            path = Path(scratch) / str(next(numbers))
            path.touch()
            if not growing:
                _take_space(path, 0, max(1, size) * np.dtype(dtype).itemsize)
            os.truncate(path, max(1, size) * np.dtype(dtype).itemsize)  # a mapped file cannot be empty
            return np.memmap(path, dtype, "r+", shape=(max(1, size),))[:size]

        yield in_files


def _take_space(path: Path, offset: int, size: int) -> None:
    with path.open("r+b") as file:
        try:
            os.posix_fallocate(file.fileno(), offset, size)
        except OSError as error:
            error.filename = str(path)
            raise
