"""Batches for scoring a text: overlapping windows, or padded lines. Every token is a target exactly once."""

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from gradus.text.special import EOS_ID, PAD_ID
from gradus.text.streams import inputs_and_targets


def windows(ids: NDArray[Any], length: int, stride: int) -> tuple[Tensor, Tensor]:
    """Cut a text into overlapping windows.

    Window k starts at token k * stride. Earlier windows predict its first `length - stride` targets, so these are
    PAD here. The first window predicts all of its targets.

    Args:
        ids: token ids of the text, (n_tokens,), at least one.
        length: T, tokens of a window.
        stride: tokens from the start of one window to the start of the next, 1 to T.
    Returns:
        inputs and targets, int64 (n_windows, T); PAD fills the end of the last window. Without PAD, the targets
        read row by row are the text.
    """
    n_windows = 1 + max(0, -(-(len(ids) - length) // stride))
    positions = np.arange(n_windows)[:, None] * stride + np.arange(length)  # (n_windows, T)
    inside, places = positions < len(ids), np.minimum(positions, len(ids) - 1)
    inputs, targets = (np.where(inside, flat[places], PAD_ID) for flat in inputs_and_targets(ids))
    targets[1:, : length - stride] = PAD_ID
    return torch.from_numpy(inputs), torch.from_numpy(targets)


def padded_lines(ids: NDArray[Any], lines: NDArray[np.int64]) -> tuple[Tensor, Tensor]:
    """Put some lines of a text into one batch.

    Args:
        ids: token ids of the text.
        lines: first position of each line and the position after its EOS, (B, 2).
    Returns:
        inputs and targets, int64 (B, T), where T is the length of the longest line with its EOS. The targets are
        the tokens of the line and EOS; the inputs are EOS and the tokens of the line. PAD fills shorter lines.
    """
    length = int((lines[:, 1] - lines[:, 0]).max())
    positions = lines[:, :1] + np.arange(length)  # (B, T)
    inside = positions < lines[:, 1:]
    targets = np.where(inside, np.asarray(ids)[np.minimum(positions, len(ids) - 1)], PAD_ID).astype(np.int64)
    inputs = np.concatenate([np.full((len(lines), 1), EOS_ID), targets[:, :-1]], axis=1)
    return torch.from_numpy(inputs), torch.from_numpy(targets)
