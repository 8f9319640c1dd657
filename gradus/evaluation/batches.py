"""Cut a text into batches for scoring: overlapping windows, or padded lines.

With both methods, every token of the text is a target exactly once.
"""

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from gradus.text.special import EOS_ID, PAD_ID
from gradus.text.streams import inputs_and_targets
from gradus.text.token_ids import line_starts


def windows(ids: NDArray[Any], length: int, stride: int) -> tuple[Tensor, Tensor]:
    """Cut a text into overlapping windows.

    Window k starts at token k * stride. The first `length - stride` targets of a window are also targets of earlier
    windows, so the function replaces them by PAD. The first window keeps all of its targets.

    Args:
        ids: token ids of the text, shape (n_tokens,); at least one token.
        length: T, the number of tokens in a window.
        stride: number of tokens from the start of one window to the start of the next window, 1 to T.
    Returns:
        Inputs and targets, int64 (n_windows, T). PAD fills the end of the last window. The targets without PAD, row
        after row, are the text.
    """
    n_windows = 1 + max(0, -(-(len(ids) - length) // stride))
    positions = np.arange(n_windows)[:, None] * stride + np.arange(length)  # (n_windows, T)
    inside, places = positions < len(ids), np.minimum(positions, len(ids) - 1)
    inputs, targets = (np.where(inside, flat[places], PAD_ID) for flat in inputs_and_targets(ids))
    targets[1:, : length - stride] = PAD_ID
    return torch.from_numpy(inputs), torch.from_numpy(targets)


def longest_first(ids: NDArray[Any]) -> NDArray[np.int64]:
    """Return the first position of every line, and the position after its EOS, (n_lines, 2); longer lines come first.

    Lines of equal length keep their order. Lines of similar length then share a batch, which has less padding.
    """
    starts = line_starts(ids)
    bounds = np.stack([starts[:-1], starts[1:]], axis=1)
    return np.asarray(bounds[np.argsort(bounds[:, 0] - bounds[:, 1], kind="stable")])


def padded_lines(ids: NDArray[Any], lines: NDArray[np.int64]) -> tuple[Tensor, Tensor]:
    """Put several lines of a text into one padded batch.

    Args:
        ids: token ids of the text, EOS after every line.
        lines: first position of each line, and the position after its EOS, shape (B, 2).
    Returns:
        Inputs and targets, int64 (B, T). T is the number of tokens in the longest line, EOS included. The targets are
        the tokens of the line followed by EOS. The inputs are EOS followed by the tokens of the line. PAD fills the
        end of shorter lines.
    """
    length = int((lines[:, 1] - lines[:, 0]).max())
    positions = lines[:, :1] + np.arange(length)  # (B, T)
    inside = positions < lines[:, 1:]
    targets = np.where(inside, np.asarray(ids)[np.minimum(positions, len(ids) - 1)], PAD_ID).astype(np.int64)
    inputs = np.concatenate([np.full((len(lines), 1), EOS_ID), targets[:, :-1]], axis=1)
    return torch.from_numpy(inputs), torch.from_numpy(targets)
