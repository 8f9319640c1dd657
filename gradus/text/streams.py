"""Running text cut into lanes and chunks for truncated backpropagation through time."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from gradus.text.special import EOS_ID, PAD_ID
from gradus.text.token_ids import line_starts


def shifted(ids: NDArray[Any]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return inputs and targets of a text, int64 (n_tokens,): the first input is EOS, each target is predicted once."""
    targets = np.asarray(ids, dtype=np.int64)
    return np.concatenate([[EOS_ID], targets[:-1]]), targets


def lanes(ids: NDArray[Any], batch: int) -> tuple[Tensor, Tensor]:
    """Cut a text into B contiguous lanes that are read side by side.

    The last lane is filled up with PAD. A text of fewer tokens than B makes fewer lanes.

    Args:
        ids: token ids of the text, (n_tokens,), at least one.
        batch: B.
    Returns:
        inputs and targets, int64 (B, ceil(n_tokens / B)). Lane b's first input is the last target of
        lane b - 1; the first lane's is EOS.
    """
    length = -(-len(ids) // batch)
    rows = -(-len(ids) // length)
    cut = []
    for flat in shifted(ids):
        table = np.full(rows * length, PAD_ID, dtype=np.int64)
        table[: len(flat)] = flat
        cut.append(torch.from_numpy(table.reshape(rows, length)))
    return cut[0], cut[1]


def chunks(inputs: Tensor, targets: Tensor, chunk: int) -> Iterator[tuple[Tensor, Tensor]]:
    """Yield the columns of the lanes from left to right, `chunk` at a time; the last piece may be narrower."""
    yield from zip(torch.split(inputs, chunk, dim=1), torch.split(targets, chunk, dim=1), strict=True)


def rotated(ids: NDArray[Any], generator: torch.Generator) -> NDArray[Any]:
    """Return the text begun at a random line, what stood before it moved to the end.

    So lanes and chunks are cut at other places in every epoch, and the order of the lines stays.
    """
    starts = line_starts(ids)[:-1]
    begin = starts[torch.randint(max(len(starts), 1), (), generator=generator)] if len(starts) else 0
    return np.concatenate([ids[begin:], ids[:begin]])
