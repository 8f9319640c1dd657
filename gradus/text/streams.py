"""Cut a text into lanes (rows of a batch) and chunks (columns) for truncated backpropagation through time."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from gradus.text.special import EOS_ID, PAD_ID
from gradus.text.token_ids import line_starts


def inputs_and_targets(ids: NDArray[Any]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return inputs and targets of a language model, int64 (n_tokens,); the first input is EOS."""
    targets = np.asarray(ids, dtype=np.int64)
    return np.concatenate([[EOS_ID], targets[:-1]]), targets


def lanes(ids: NDArray[Any], batch: int) -> tuple[Tensor, Tensor]:
    """Cut a text into B lanes, one per row of a batch; each lane is a contiguous part of the text.

    The last lane is padded with PAD. A short text may have fewer than B lanes.

    Args:
        ids: token ids of the text, (n_tokens,), at least one.
        batch: B, maximum number of lanes.
    Returns:
        inputs and targets, int64 (B, ceil(n_tokens / B)). The first input of a lane is the last target of the previous
        lane; the first input of the first lane is EOS.
    """
    length = -(-len(ids) // batch)  # rounded up
    rows = -(-len(ids) // length)  # fewer than `batch` if the last lanes would be only PAD
    cut = []
    for flat in inputs_and_targets(ids):
        table = np.full(rows * length, PAD_ID, dtype=np.int64)
        table[: len(flat)] = flat
        cut.append(torch.from_numpy(table.reshape(rows, length)))
    return cut[0], cut[1]


def chunks(inputs: Tensor, targets: Tensor, chunk: int) -> Iterator[tuple[Tensor, Tensor]]:
    """Cut inputs and targets into chunks of `chunk` columns, from left to right; the last chunk may be narrower."""
    yield from zip(torch.split(inputs, chunk, dim=1), torch.split(targets, chunk, dim=1), strict=True)


def windows(ids: NDArray[Any], length: int) -> tuple[Tensor, Tensor]:
    """Cut a text into all its windows of T tokens; neighbouring windows overlap in all tokens but one.

    Args:
        ids: token ids of the text, (n_tokens,).
        length: T.
    Returns:
        inputs and targets, int64 (n_tokens - T + 1, T), views of two vectors; without rows if the text is shorter than
        T. The first input of the first window is EOS.
    """
    if len(ids) < length:
        return torch.zeros(0, length, dtype=torch.int64), torch.zeros(0, length, dtype=torch.int64)
    inputs, targets = (torch.from_numpy(flat).unfold(0, length, 1) for flat in inputs_and_targets(ids))
    return inputs, targets


def rotated(ids: NDArray[Any], generator: torch.Generator) -> NDArray[Any]:
    """Return the text from a random line to its end, followed by the lines before this random line.

    Training calls this function in every epoch, so that the places where the text is cut into batches differ between
    epochs. Neighbouring lines stay together.
    """
    starts = line_starts(ids)[:-1]
    begin = starts[torch.randint(max(len(starts), 1), (), generator=generator)] if len(starts) else 0
    return np.concatenate([ids[begin:], ids[:begin]])
