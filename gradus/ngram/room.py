"""Room for large arrays: in memory, or in files where memory is short."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradus.ngram.trie import Allocate, in_memory


@contextmanager
def room(folder: Path | None) -> Iterator[Allocate]:
    """Yield what gives room for arrays: memory, or memory-mapped files in a folder, deleted when the block ends.

    Only what is written of such a file takes room on the disk. The system keeps of it in memory what fits.
    """
    if folder is None:
        yield in_memory
        return
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=folder, prefix="ngrams.") as scratch:
        numbers = count()

        def in_files(size: int, dtype: type[np.generic]) -> NDArray[Any]:
            # a file cannot be empty
            return np.memmap(Path(scratch) / str(next(numbers)), dtype, "w+", shape=(max(1, size),))[:size]

        yield in_files
