"""All windows of N tokens of a text, sorted once: every order's n-grams are runs of equal prefixes."""

import numpy as np
from numpy.typing import NDArray

from gradus.text.special import EOS_ID, PAD_ID

KEY_BITS = 64


def sorted_windows(stream: NDArray[np.int64], order: int, vocabulary_size: int) -> list[NDArray[np.int64]]:
    """Sort the windows that start at every token of a text and end with the line, filled with PAD.

    Words are packed side by side, as many to a 64-bit key as there is room. Where a window is one key, the keys
    themselves are sorted, several times faster than places; a longer window takes one stable sort per key.

    Args:
        stream: ids with BOS at the start of every line, shape (n,).
        order: words in a window, N.
        vocabulary_size: number of ids.
    Returns:
        Words 1 to N of the sorted windows, each int64, shape (n,).
    """
    bits = max(1, (vocabulary_size - 1).bit_length())
    columns = _columns(stream, order)
    room = KEY_BITS // bits
    keys = [_pack(columns[begin : begin + room], bits) for begin in range(0, order, room)]
    if len(keys) > 1:
        places = np.lexsort(keys[::-1])
        return [column[places].astype(np.int64) for column in columns]
    keys[0].sort()
    mask = np.uint64((1 << bits) - 1)
    return [(keys[0] >> np.uint64(bits * (order - 1 - k)) & mask).astype(np.int64) for k in range(order)]


def _columns(stream: NDArray[np.int64], order: int) -> list[NDArray[np.uint64]]:
    """Return the k-th word of every window: the k-th next token, or PAD beyond the line's EOS."""
    columns = [stream.astype(np.uint64)]
    for _ in range(order - 1):
        last = columns[-1]
        following = np.full_like(last, PAD_ID)
        following[:-1] = last[1:]
        following[(last == EOS_ID) | (last == PAD_ID)] = PAD_ID
        columns.append(following)
    return columns


def _pack(columns: list[NDArray[np.uint64]], bits: int) -> NDArray[np.uint64]:
    key = columns[0].copy()
    for column in columns[1:]:
        key = key << np.uint64(bits) | column
    return key
