"""Cut a text into lanes (rows of a batch) and chunks (columns) for truncated backpropagation through time."""

import math
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


def chunks(inputs: Tensor, targets: Tensor, chunk: int | list[int]) -> Iterator[tuple[Tensor, Tensor]]:
    """Cut inputs and targets into chunks from left to right.

    Args:
        inputs: (B, length).
        targets: (B, length).
        chunk: number of columns of every chunk, where the last chunk may be narrower; or the number for each chunk.
    """
    yield from zip(torch.split(inputs, chunk, dim=1), torch.split(targets, chunk, dim=1), strict=True)


HALVED = 0.05
"""Share of chunks with half of the usual length, as in Merity et al. (2018)."""
SHORTEST = 5
"""Shortest length that is drawn for a chunk, as in Merity et al. (2018)."""


def jittered_count(length: int, chunk: int) -> int:
    """Return the number of chunks of random length T' in a lane, `length / E[T']`, rounded up."""
    return math.ceil(length / (chunk * (1 - HALVED / 2)))


def jittered_lengths(length: int, chunk: int, deviation: float, generator: torch.Generator) -> list[int]:
    """Draw the lengths of the chunks of a lane, so that the borders between chunks differ from epoch to epoch.

    A length is normal with the mean T, or in one of 20 cases T / 2, and at least 5. All lengths are then multiplied by
    a factor near 1, so that their sum is the length of the lane. So all epochs have equally many chunks.

    Args:
        length: number of tokens of the lane.
        chunk: T.
        deviation: standard deviation of a length, in tokens.
        generator: random generator.

    Source: Merity et al. (2018), Regularizing and optimizing LSTM language models, section 5, where the sum is not
    fixed.
    """
    count = min(jittered_count(length, chunk), length)
    halved = torch.rand(count, generator=generator) < HALVED
    means = torch.where(halved, chunk / 2, float(chunk))
    drawn = (means + deviation * torch.randn(count, generator=generator)).clamp(min=SHORTEST).double()
    # One token for each chunk, and the rest in proportion to the lengths. The last border is exact.
    borders = (drawn.cumsum(0) / drawn.sum() * (length - count)).round().long() + torch.arange(1, count + 1)
    borders[-1] = length
    return borders.diff(prepend=torch.zeros(1, dtype=torch.int64)).tolist()


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
