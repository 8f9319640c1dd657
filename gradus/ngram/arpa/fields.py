"""The rows of an ARPA file, thousands at once: text to words and natural logarithms.

log10 p(w | h)  BLANKS  the n-gram's words, blanks between  [BLANKS  log10 of the back-off weight]
"""

import math
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from gradus.ngram.arpa.ngram_list import EntryError

Places = NDArray[np.int64]

ZERO = -99.0
"""log10 of zero, besides -inf."""

MOST_WEIGHT = 30.0
"""log10 of a back-off weight at most: weights above 1 exist, but none makes 10^30 of a probability."""

OTHER_UNK = "<UNK>"
"""Another spelling of UNK, as in KenLM."""


@dataclass(frozen=True)
class Rows:
    """n-grams of one order, as a file lists them.

    Attributes:
        texts: every field of their lines.
        words: which of the fields are their words, int64, shape (E, order).
        log_probs: nats, float32, shape (E,).
        log_weights: nats, 0 where there is no back-off, float32, shape (E,).
    """

    texts: pa.StringArray
    words: Places
    log_probs: NDArray[np.float32]
    log_weights: NDArray[np.float32]


def parse_rows(lines: bytes, order: int) -> Rows:
    """Parse lines, each ended by a newline; blank ones are passed over.

    Args:
        lines: UTF-8 text, which is not verified.
        order: words of every n-gram.
    Raises:
        EntryError: if a line has too few or too many fields, or no logarithm where one belongs.
    """
    texts, starts, sizes = _split(lines)
    wrong = np.flatnonzero((sizes != order + 1) & (sizes != order + 2))
    if len(wrong):
        expected = f"a log-probability, {order} word{'s' * (order > 1)} and at most a back-off"
        raise EntryError(order, wrong[0], expected=expected, remedy="correct the line")
    log_probs = _numbers(texts, starts, (order, np.arange(len(starts))))
    above = np.flatnonzero(log_probs > 0)
    if len(above):
        expected, found = "log10 of a probability, 0 at most", str(log_probs[above[0]])
        raise EntryError(order, above[0], expected=expected, found=found, remedy="correct it")
    weighted = np.flatnonzero(sizes == order + 2)
    log_weights = np.zeros(len(starts))
    log_weights[weighted] = _numbers(texts, starts[weighted] + order + 1, (order, weighted))
    above = np.flatnonzero(log_weights > MOST_WEIGHT)
    if len(above):
        expected, found = f"log10 of a back-off weight, {MOST_WEIGHT:g} at most", str(log_weights[above[0]])
        raise EntryError(order, above[0], expected=expected, found=found, remedy="correct it")
    words = starts[:, np.newaxis] + np.arange(1, order + 1)
    return Rows(texts, words, _nats(log_probs), _nats(log_weights))


def _split(lines: bytes) -> tuple[pa.StringArray, Places, Places]:
    """Return all fields, the first of every line, and how many each line has; lines without fields are dropped."""
    ends = np.flatnonzero(np.frombuffer(lines, np.uint8) == ord("\n")) + 1
    offsets = np.concatenate([[0], ends]).astype(np.int32)
    text = pa.StringArray.from_buffers(len(ends), pa.py_buffer(offsets), pa.py_buffer(lines))
    if b"\v" in lines or b"\f" in lines:  # they may stand in words
        split = pc.split_pattern_regex(text, "[ \t\r\n]+")
    else:
        split = pc.ascii_split_whitespace(text)
    texts, begins = split.values, split.offsets.to_numpy().astype(np.int64)
    filled = pc.binary_length(texts).to_numpy() > 0
    if len(texts) - np.count_nonzero(filled) == len(ends):  # after the newline of every line
        return texts, begins[:-1], np.diff(begins) - 1
    begins = np.concatenate([[0], np.cumsum(filled)])[begins]
    sizes = np.diff(begins)
    return texts.filter(pa.array(filled)), begins[:-1][sizes > 0], sizes[sizes > 0]


def _numbers(
    texts: pa.StringArray, places: NDArray[np.int64], at: tuple[int, NDArray[np.int64]]
) -> NDArray[np.float64]:
    """Return some fields as numbers, +inf and NaN excluded; `at` is their order and their rows."""
    chosen = texts.take(pa.array(places))
    try:
        numbers = chosen.cast(pa.float64()).to_numpy()
        bad = np.flatnonzero(~(numbers < math.inf))
    except pa.ArrowInvalid:
        bad = np.array([next(row for row, text in enumerate(chosen) if not _is_number(text))])
    if len(bad):
        found = repr(chosen[bad[0]].as_buffer().to_pybytes().decode(errors="replace"))
        raise EntryError(at[0], at[1][bad[0]], expected="a decimal logarithm", found=found, remedy="correct it")
    return np.asarray(numbers)


def _is_number(text: pa.StringScalar) -> bool:
    try:
        text.cast(pa.float64())
    except pa.ArrowInvalid:
        return False
    return True


def _nats(log10: NDArray[np.float64]) -> NDArray[np.float32]:
    with np.errstate(over="ignore"):  # below what float32 holds is zero
        return np.where(log10 == ZERO, -math.inf, log10 * math.log(10)).astype(np.float32)
