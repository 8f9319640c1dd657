"""Allocators of large arrays, in memory or in memory-mapped files."""

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
    """Allocator of one-dimensional arrays."""

    def __call__(self, size: int, dtype: type[np.generic], *, growing: bool = False) -> NDArray[Any]:
        """Return an array whose values are not set.

        Args:
            size: number of values.
            dtype: type of the values.
            growing: whether `size` is only a bound; the caller then calls `reserve` before it writes values.
        Raises:
            OSError: if the disk has too little space.
        """
        ...


def in_memory(size: int, dtype: type[np.generic], *, growing: bool = False) -> NDArray[Any]:
    """Allocate an array in memory; pages that are never written take no memory."""
    return np.empty(size, dtype)


def reserve(array: NDArray[Any], begin: int, end: int) -> None:
    """Reserve disk space for the values from `begin` to `end` of a growing array, if it is a file.

    Without disk space, a write to a mapped file would kill the process (SIGBUS).

    Raises:
        OSError: if the disk is full.
    """
    if isinstance(array, np.memmap) and end > begin:
        _reserve_bytes(Path(str(array.filename)), begin * array.itemsize, (end - begin) * array.itemsize)


@contextmanager
def working_arrays(folder: Path | None) -> Iterator[Allocate]:
    """Yield an allocator.

    Args:
        folder: folder of memory-mapped files, which are deleted after the block; None allocates memory. The system
            caches mapped files in free memory.
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
                _reserve_bytes(path, 0, max(1, size) * np.dtype(dtype).itemsize)
            os.truncate(path, max(1, size) * np.dtype(dtype).itemsize)  # an empty file cannot be mapped
            return np.memmap(path, dtype, "r+", shape=(max(1, size),))[:size]

        yield in_files


def _reserve_bytes(path: Path, offset: int, size: int) -> None:
    with path.open("r+b") as file:
        try:
            os.posix_fallocate(file.fileno(), offset, size)
        except OSError as error:
            error.filename = str(path)  # for the message; the system names no file here
            raise
