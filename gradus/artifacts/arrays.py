"""NumPy arrays, one a file, without pickle."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradus.artifacts.places import new_file
from gradus.errors import InputError


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
