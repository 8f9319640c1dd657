"""Allocate large arrays in memory or in memory-mapped files."""

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
    """Interface of a function that allocates one-dimensional arrays."""

    def __call__(self, size: int, dtype: type[np.generic], *, growing: bool = False) -> NDArray[Any]:
        """Return an array with undefined values.

        Args:
            size: number of values.
            dtype: type of the values.
            growing: whether `size` is only an upper bound. The caller must then call `reserve` before it writes values.
        Raises:
            OSError: if the disk does not have enough space.
        """
        ...


def in_memory(size: int, dtype: type[np.generic], *, growing: bool = False) -> NDArray[Any]:
    """Allocate an array in memory. Pages of the array that are never written take no memory."""
    return np.empty(size, dtype)


def reserve(array: NDArray[Any], begin: int, end: int) -> None:
    """Reserve disk space for the values of a growing array from index `begin` up to, but not including, index `end`.

    If the array is in memory, the function does nothing.

    Raises:
        OSError: if the disk is full.
    """
    # if the disk is full, a write to a mapped file kills the process (SIGBUS), so space is reserved first
    if isinstance(array, np.memmap) and end > begin:
        _reserve_bytes(Path(str(array.filename)), begin * array.itemsize, (end - begin) * array.itemsize)


@contextmanager
def working_arrays(folder: Path | None) -> Iterator[Allocate]:
    """Yield an allocator. The arrays that it allocates exist until the end of the `with` block.

    Args:
        folder: folder for memory-mapped files, which are deleted at the end; None to allocate arrays in memory.
    Raises:
        InputError: if `folder` is a file.
    """
    if folder is None:
        yield in_memory
        return
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError) as error:
        raise InputError(
            folder,
            expected="a folder for temporary files",
            found=f"a file ({error.filename})",
            remedy="name another folder",
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
            error.filename = str(path)  # for the error message, because `posix_fallocate` does not set the name
            raise
