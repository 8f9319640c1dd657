"""Memory for large arrays, or files in its place."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

Allocate = Callable[[int, type[np.generic]], NDArray[Any]]
"""Gives room for so many values of a type, in memory or in a file."""


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
