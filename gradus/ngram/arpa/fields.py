"""Parse rows of an ARPA file into words and natural logarithms, thousands of rows at a time.

A row contains log10 p(w | h), the words of the n-gram hw and, optionally, log10 of the back-off weight of hw. Blanks
separate these fields.
"""

import math
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from gradus.ngram.arpa.ngram_list import EntryError

Indices = NDArray[np.int64]

ZERO = -99.0
"""Value of log10 p that stands for probability zero in ARPA files; the value -inf also stands for zero."""

MOST_BACKOFF = 30.0
"""Largest accepted log10 of a back-off weight. Correct models have some weights above 1, but none near 10^30."""

OTHER_UNK = "<UNK>"
"""Alternative spelling of UNK in ARPA files. KenLM accepts both spellings."""


@dataclass(frozen=True)
class Rows:
    """Parsed rows of an ARPA file, in the sequence of the file. All n-grams have one order (number of words)."""

    texts: pa.StringArray
    """The fields of all rows, row after row."""
    words: Indices
    """For each word of each of the E rows, the index of this word in `texts`; shape (E, order)."""
    log_probs: NDArray[np.float32]
    """ln p(w | h) of every n-gram, shape (E,)."""
    backoff: NDArray[np.float32]
    """ln of every back-off weight, shape (E,); 0 if the row has no back-off weight."""


def parse_rows(lines: bytes, order: int) -> Rows:
    """Parse lines of one section; skip blank lines.

    Args:
        lines: lines with a newline at the end of each, UTF-8. This function does not verify the encoding.
        order: number of words of every n-gram.
    Raises:
        EntryError: if a line has too few or too many fields, or a field is not a number where a logarithm is expected.
    """
    texts, starts, sizes = _split(lines)
    wrong = np.flatnonzero((sizes != order + 1) & (sizes != order + 2))
    if len(wrong):
        expected = f"a log-probability, {order} word{'s' * (order > 1)} and, optionally, a back-off weight"
        raise EntryError(order, wrong[0], expected=expected, remedy="correct the line")
    log_probs = _numbers(texts, starts, order, np.arange(len(starts)))
    _require_at_most(log_probs, 0, order, "log10 of a probability, at most 0")
    with_backoff = np.flatnonzero(sizes == order + 2)
    backoff = np.zeros(len(starts))
    backoff[with_backoff] = _numbers(texts, starts[with_backoff] + order + 1, order, with_backoff)
    _require_at_most(backoff, MOST_BACKOFF, order, f"log10 of a back-off weight, at most {MOST_BACKOFF:g}")
    words = starts[:, np.newaxis] + np.arange(1, order + 1)
    return Rows(texts, words, _nats(log_probs), _nats(backoff))


def _require_at_most(values: NDArray[np.float64], most: float, order: int, expected: str) -> None:
    above = np.flatnonzero(values > most)
    if len(above):
        found = str(values[above[0]])
        raise EntryError(order, above[0], expected=expected, found=found, remedy="correct it")


def _split(lines: bytes) -> tuple[pa.StringArray, Indices, Indices]:
    """Split lines at white space; drop blank lines.

    Returns:
        The fields of all lines, the index of each line's first field, and the number of fields of each line.
    """
    ends = np.flatnonzero(np.frombuffer(lines, np.uint8) == ord("\n")) + 1
    offsets = np.concatenate([[0], ends]).astype(np.int32)  # of a StringArray; a block is far below 2 GiB
    text = pa.StringArray.from_buffers(len(ends), pa.py_buffer(offsets), pa.py_buffer(lines))
    if b"\v" in lines or b"\f" in lines:  # white space to Arrow, but other toolkits allow both in words
        split = pc.split_pattern_regex(text, "[ \t\r\n]+")
    else:
        split = pc.ascii_split_whitespace(text)
    texts, begins = split.values, split.offsets.to_numpy().astype(np.int64)
    filled = pc.binary_length(texts).to_numpy() > 0
    # usually the only empty field of a line is the one after its newline; then nothing needs to be copied
    if len(texts) - np.count_nonzero(filled) == len(ends):
        return texts, begins[:-1], np.diff(begins) - 1
    begins = np.concatenate([[0], np.cumsum(filled)])[begins]
    sizes = np.diff(begins)
    return texts.filter(pa.array(filled)), begins[:-1][sizes > 0], sizes[sizes > 0]


def _numbers(texts: pa.StringArray, indices: Indices, order: int, rows: Indices) -> NDArray[np.float64]:
    """Convert some fields to numbers; refuse +inf and NaN.

    Args:
        texts: all fields.
        indices: indices of the fields to convert.
        order: order of the n-grams, for the error.
        rows: the row of each converted field, for the error.
    """
    chosen = texts.take(pa.array(indices))
    try:  # one cast of all fields is fast; search for the wrong field only after the cast has failed
        numbers = chosen.cast(pa.float64()).to_numpy()
        bad = np.flatnonzero(~(numbers < math.inf))
    except pa.ArrowInvalid:
        bad = np.array([next(row for row, text in enumerate(chosen) if not _is_number(text))])
    if len(bad):
        found = repr(chosen[bad[0]].as_buffer().to_pybytes().decode(errors="replace"))
        raise EntryError(order, rows[bad[0]], expected="a decimal logarithm", found=found, remedy="correct it")
    return np.asarray(numbers)


def _is_number(text: pa.StringScalar) -> bool:
    try:
        text.cast(pa.float64())
    except pa.ArrowInvalid:
        return False
    return True


def _nats(log10: NDArray[np.float64]) -> NDArray[np.float32]:
    with np.errstate(over="ignore"):  # values below the range of float32 become -inf: probability zero
        return np.where(log10 == ZERO, -math.inf, log10 * math.log(10)).astype(np.float32)
