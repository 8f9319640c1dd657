"""Token ids of a text: one flat array, EOS after every line, BOS nowhere."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradus.artifacts.arrays import read_array, write_array
from gradus.text.special import EOS_ID


def write_ids(folder: Path, name: str, ids: NDArray[Any], vocabulary_size: int) -> None:
    """Write ids as `NAME.npy` in the smallest unsigned type that holds the vocabulary."""
    write_array(folder / f"{name}.npy", ids.astype(np.min_scalar_type(vocabulary_size - 1)))


def read_ids(folder: Path, name: str) -> NDArray[Any]:
    """Memory-map the ids of a text (`train`, `valid`, `test`; `train.src` of a translation corpus)."""
    return read_array(folder / f"{name}.npy")


def line_starts(ids: NDArray[Any]) -> NDArray[np.int64]:
    """Return where every line starts, and the end of the last: int64 (n_lines + 1,)."""
    ends = np.flatnonzero(np.asarray(ids) == EOS_ID) + 1
    return np.concatenate([[0], ends]).astype(np.int64)


def split_lines(ids: NDArray[Any]) -> list[NDArray[Any]]:
    """Return the ids of every line, EOS included."""
    starts = line_starts(ids)
    return [ids[begin:end] for begin, end in zip(starts[:-1], starts[1:], strict=True)]
