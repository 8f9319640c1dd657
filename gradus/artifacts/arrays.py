"""NumPy arrays, one a file, without pickle."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradus.errors import InputError


def write_array(path: Path, array: NDArray[Any]) -> None:
    """Write one NumPy array (`.npy`, no pickle).

    The bytes are those of `np.save`, which on a full disk does not say that the disk is full.
    """
    values = np.ascontiguousarray(array)
    with path.open("wb", buffering=0) as file:
        np.lib.format.write_array_header_1_0(file, np.lib.format.header_data_from_array_1_0(values))
        rest = memoryview(values.reshape(-1).view(np.uint8).data)
        while rest:  # the system writes 2 GiB at once at most
            rest = rest[file.write(rest) :]


def read_array(path: Path, dtype: type[np.generic] | None = None) -> NDArray[Any]:
    """Open one flat NumPy array as a read-only memory map.

    Args:
        path: the file.
        dtype: what its values are to be, in this machine's byte order; None for any unsigned integers.
    Raises:
        InputError: if the file is missing, truncated, or holds something else.
    """
    try:
        array = np.load(path, mmap_mode="r", allow_pickle=False)
    except FileNotFoundError:
        raise InputError(
            path, expected="a NumPy array", found="no file", remedy="run the stage that writes it (dvc repro)"
        ) from None
    except (ValueError, EOFError, OSError, TypeError, OverflowError, MemoryError) as error:
        raise InputError(path, expected="a NumPy array", found=str(error), remedy="run its stage again") from None
    fits = array.dtype == dtype if dtype else array.dtype.kind == "u" and array.dtype.isnative
    if not (isinstance(array, np.ndarray) and array.ndim == 1 and fits):
        wanted = f"a flat array of {np.dtype(dtype).name if dtype else 'unsigned integers'}"
        found = f"{array.dtype.str} {array.shape}"
        raise InputError(path, expected=wanted, found=found, remedy="run its stage again")
    return array
