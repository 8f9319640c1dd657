"""A text cut for scoring: overlapping windows, or lines side by side; every token is a target once."""

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from gradus.text.special import EOS_ID, PAD_ID


def one_lane(ids: NDArray[Any]) -> tuple[Tensor, Tensor]:
    """Return a text's inputs, begun with EOS, and its targets, all its tokens; int64 (1, n_tokens)."""
    return tuple(torch.from_numpy(flat[None]) for flat in _shifted(ids))  # type: ignore[return-value]


def windows(ids: NDArray[Any], length: int, stride: int) -> tuple[Tensor, Tensor]:
    """Cut a text into overlapping windows that predict each of its tokens once.

    Window k holds the tokens from k * stride on. Its first `length - stride` targets were predicted by
    the windows before and are PAD here; the first window predicts all of its own.

    Args:
        ids: token ids of the text, (n_tokens,), at least one.
        length: T, tokens of a window.
        stride: tokens by which it slides, 1 to T.
    Returns:
        inputs and targets, int64 (n_windows, T); the last window is filled up with PAD. Targets other than
        PAD, read row by row, are the text.
    """
    n_windows = 1 + max(0, -(-(len(ids) - length) // stride))
    positions = np.arange(n_windows)[:, None] * stride + np.arange(length)
    inputs, targets = (
        np.where(positions < len(ids), flat[np.minimum(positions, len(ids) - 1)], PAD_ID) for flat in _shifted(ids)
    )
    targets[1:, : length - stride] = PAD_ID
    return torch.from_numpy(inputs), torch.from_numpy(targets)


def line_bounds(ids: NDArray[Any]) -> NDArray[np.int64]:
    """Return begin and end of every line, EOS included, int64 (n_lines, 2)."""
    ends = np.flatnonzero(np.asarray(ids) == EOS_ID) + 1
    return np.stack([np.concatenate([[0], ends])[:-1], ends], axis=1)


def padded_lines(ids: NDArray[Any], lines: NDArray[np.int64]) -> tuple[Tensor, Tensor]:
    """Put some lines of a text side by side, each begun with EOS and filled up with PAD.

    Args:
        ids: token ids of the text.
        lines: begin and end of each line in it, (B, 2).
    Returns:
        inputs and targets, int64 (B, T), T the longest line with its EOS. The inputs are EOS and the
        line's tokens; the targets are the line's tokens and EOS.
    """
    length = int((lines[:, 1] - lines[:, 0]).max())
    positions = lines[:, :1] + np.arange(length)
    inside = positions < lines[:, 1:]
    targets = np.where(inside, np.asarray(ids)[np.minimum(positions, len(ids) - 1)], PAD_ID).astype(np.int64)
    inputs = np.concatenate([np.full((len(lines), 1), EOS_ID), targets[:, :-1]], axis=1)
    return torch.from_numpy(inputs), torch.from_numpy(targets)


def _shifted(ids: NDArray[Any]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    targets = np.asarray(ids, dtype=np.int64)
    return np.concatenate([[EOS_ID], targets[:-1]]), targets
