"""Read and write the token ids of a text: one flat array with EOS after every line and without BOS."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradus.artifacts.arrays import read_array, write_array
from gradus.artifacts.seals import REMEDY, open_sealed
from gradus.errors import InputError
from gradus.text.manifest import Manifest, read_manifest
from gradus.text.special import BOS_ID, EOS_ID, PAD_ID

TOKENS = "token ids"
"""Kind of content, as recorded in the seal of a folder of token ids."""


def write_ids(folder: Path, name: str, ids: NDArray[Any], vocabulary_size: int) -> None:
    """Write token ids as `NAME.npy`, in the smallest unsigned integer type that can hold every id."""
    write_array(folder / f"{name}.npy", ids.astype(np.min_scalar_type(vocabulary_size - 1)))


def open_tokens(folder: Path) -> Manifest:
    """Verify the files of a tokenised corpus, and return its manifest.

    Raises:
        InputError: if a file is missing or was changed, or if the manifest is malformed.
    """
    open_sealed(folder, TOKENS)
    return read_manifest(folder)


def read_ids(folder: Path, name: str) -> NDArray[Any]:
    """Memory-map the token ids of a text.

    Args:
        folder: folder that the stage `tokenize` wrote.
        name: name of the text, such as `train`, or `train.src` for translation.
    Raises:
        InputError: if the file is missing or damaged, has PAD, BOS or an unknown id, or does not end with EOS.
    """
    path = folder / f"{name}.npy"
    size = read_manifest(folder).tokenizer(name.partition(".")[2]).size
    ids = read_array(path)
    # Checked once here: embeddings take every id below `size`, and `line_starts` relies on the last EOS.
    if len(ids) and (int(ids.max()) >= size or ids[-1] != EOS_ID or bool(((ids == PAD_ID) | (ids == BOS_ID)).any())):
        expected = f"ids below {size}, no PAD, no BOS, and EOS at the end"
        raise InputError(path, expected=expected, found="other ids", remedy=REMEDY)
    return ids


def line_starts(ids: NDArray[Any]) -> NDArray[np.int64]:
    """Return the position where each line starts, and the end of the last line: int64 (n_lines + 1,)."""
    ends = np.flatnonzero(np.asarray(ids) == EOS_ID) + 1
    return np.concatenate([[0], ends]).astype(np.int64)


def split_lines(ids: NDArray[Any]) -> list[NDArray[Any]]:
    """Return a list with the token ids of each line, EOS included."""
    starts = line_starts(ids)
    return [ids[begin:end] for begin, end in zip(starts[:-1], starts[1:], strict=True)]
