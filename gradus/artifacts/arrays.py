"""Read and write flat NumPy arrays, one per `.npy` file, without pickle."""

import re
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradus.artifacts.inputs import require_regular
from gradus.errors import InputError

_REMEDY = "run the stage that writes it (dvc repro)"
_HEADER = re.compile(
    rb"\x93NUMPY\x01\x00(..)"
    rb"\{'descr': '(\|[bui]1|<[uif][248])', 'fortran_order': False, 'shape': \((\d{1,18}),\), \} *\n",
    re.DOTALL,
)
"""Pattern of the headers that `write_array` writes.

All other headers are refused, because NumPy's reader would evaluate the text of a header as Python.
"""
_MOST_HEADER = 256  # bytes


def write_array(path: Path, array: NDArray[Any]) -> None:
    """Write an array as a flat `.npy` file, with the same bytes as `np.save`.

    If a write fails, this function raises OSError with the reason, such as a full disk; `np.save` hides the reason.
    """
    values = np.ascontiguousarray(array)
    with path.open("wb", buffering=0) as file:
        np.lib.format.write_array_header_1_0(file, np.lib.format.header_data_from_array_1_0(values))
        rest = memoryview(values.reshape(-1).view(np.uint8).data)
        while rest:  # one call writes at most 2 GiB
            rest = rest[file.write(rest) :]


def read_array(path: Path, dtype: type[np.generic] | None = None) -> NDArray[Any]:
    """Open a flat `.npy` file as a read-only memory map.

    Args:
        path: the file.
        dtype: type of the values, in the byte order of this machine; None stands for any type of unsigned integers.
    Raises:
        InputError: if the file is missing or truncated, or if its values have another type.
    """
    require_regular(path, "a NumPy array", _REMEDY)
    with path.open("rb") as file:
        begin = file.read(_MOST_HEADER)
    header = _HEADER.match(begin)
    wanted = f"a flat array of {np.dtype(dtype).name if dtype else 'unsigned integers'}"
    if not header or int.from_bytes(header[1], "little") != header.end() - 10:
        raise InputError(path, expected=wanted, found="another header", remedy=_REMEDY)
    found, size = np.dtype(header[2].decode()), int(header[3])
    if not (found == dtype if dtype else found.kind == "u"):
        raise InputError(path, expected=wanted, found=found.str, remedy=_REMEDY)
    if (length := path.stat().st_size) != header.end() + size * found.itemsize:
        raise InputError(path, expected=f"a NumPy array of {size} values", found=f"{length} bytes", remedy=_REMEDY)
    return np.memmap(path, found, "r", offset=header.end(), shape=(size,))
