"""The words of an ARPA file: its 1-grams give every word an id, the longer n-grams are looked up."""

import math
from collections.abc import Container, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from gradus.errors import InputError
from gradus.ngram.arpa.fields import OTHER_UNK, Rows
from gradus.ngram.arpa.ngram_list import EntryError, Listed
from gradus.text.special import BOS, BOS_ID, EOS, EOS_ID, PAD, PAD_ID, SPECIAL, UNK, UNK_ID

UNK_LOG10 = -100.0
"""log10 p of <unk> where a file has none, as in KenLM."""


@dataclass(frozen=True)
class Vocabulary:
    """What the 1-grams say of words.

    Attributes:
        pieces: the piece of every id, the special ones first.
        words: the same, and the other spelling of UNK after the last.
        warnings: about the special pieces.
    """

    pieces: list[str]
    words: pa.StringArray
    warnings: list[str]


def read_vocabulary(path: Path, parts: Sequence[Rows]) -> tuple[Listed, Vocabulary]:
    """Give the words of 1-grams their ids, in their order, after the special ones.

    Args:
        path: the file, to name in errors.
        parts: its 1-grams.
    Returns:
        All ids as 1-grams, PAD among them; and the vocabulary.
    Raises:
        EntryError: if a word is not UTF-8, is listed twice, or is `<pad>`.
        InputError: if BOS or EOS is missing.
    """
    names = pa.chunked_array([rows.texts.take(pa.array(rows.words[:, 0])) for rows in parts], pa.string())
    names = names.combine_chunks()
    _refuse(names)
    found = pc.index_in(names, value_set=pa.array([*SPECIAL, OTHER_UNK])).fill_null(-1).to_numpy()
    ids = np.where(found == len(SPECIAL), UNK_ID, found)
    ids[found < 0] = len(SPECIAL) + np.arange(np.count_nonzero(found < 0))
    _require_marks(path, ids.tolist())
    pieces = [*SPECIAL, *names.filter(pa.array(found < 0)).to_pylist()]
    log_probs, log_weights = np.full(len(pieces), -np.inf, np.float32), np.zeros(len(pieces), np.float32)
    log_probs[UNK_ID] = UNK_LOG10 * math.log(10)
    log_probs[ids] = np.concatenate([rows.log_probs for rows in parts])  # of two rows for UNK, the later one
    log_weights[ids] = np.concatenate([rows.log_weights for rows in parts])
    warnings = _unk_warnings(int(np.count_nonzero(ids == UNK_ID)))
    listed = Listed(np.arange(len(pieces), dtype=np.uint32)[:, np.newaxis], log_probs, log_weights)
    return listed, Vocabulary(pieces, pa.array([*pieces, OTHER_UNK]), warnings)


def look_up(rows: Rows, order: int, vocabulary: Vocabulary) -> Listed:
    """Look up the words of longer n-grams.

    Raises:
        EntryError: if one is not among the 1-grams.
    """
    codes = pc.index_in(rows.texts, value_set=vocabulary.words).fill_null(PAD_ID).to_numpy()
    ids = codes[rows.words]  # cheaper than to take their texts
    ids[ids == len(vocabulary.pieces)] = UNK_ID
    unknown = np.argwhere(ids == PAD_ID)
    if len(unknown):
        row, place = unknown[0]
        found = repr(rows.texts[rows.words[row, place]].as_buffer().to_pybytes().decode(errors="replace"))
        expected, remedy = "words that are 1-grams too", "list it among the 1-grams"
        raise EntryError(order, row, expected=expected, found=found, remedy=remedy)
    return Listed(ids.astype(np.uint32), rows.log_probs, rows.log_weights)


def _refuse(names: pa.StringArray) -> None:
    """Refuse words that are no UTF-8, are listed twice, or are `<pad>`."""
    try:
        names.validate(full=True)
    except pa.ArrowInvalid:
        row = next(row for row, name in enumerate(names) if not _is_utf8(name.as_buffer().to_pybytes()))
        raise EntryError(1, row, expected="UTF-8", remedy="convert the file") from None
    if (row := pc.index(pc.match_substring(names, "\0"), True).as_py()) >= 0:
        raise EntryError(1, row, expected="words without a NUL byte", remedy="remove it")
    first = names.dictionary_encode().indices.to_numpy()
    again = np.flatnonzero(first != np.arange(len(names)))
    if len(again):
        raise EntryError(1, again[0], expected="every word once", remedy="drop all but one of the equal ones")
    pad = pc.index(names, PAD).as_py()
    if pad >= 0:
        expected = f"words other than {PAD}"
        raise EntryError(1, pad, expected=expected, remedy="rename it: models here have their own, which no text holds")


def _is_utf8(name: bytes) -> bool:
    return "\ufffd" not in name.replace("\ufffd".encode(), b"").decode(errors="replace")


def _require_marks(path: Path, ids: Container[int]) -> None:
    for mark, mark_id in (BOS, BOS_ID), (EOS, EOS_ID):
        if mark_id not in ids:
            raise InputError(
                f"{path}: \\1-grams:",
                expected=f"{mark} among them",
                found="none",
                remedy="train the model on lines with their marks, for every line is scored with them",
            )


def _unk_warnings(n_rows: int) -> list[str]:
    if n_rows == 0:
        return [f"no {UNK} among the 1-grams: the log10 of its probability is {UNK_LOG10:g}"]
    if n_rows > 1:
        return [f"{UNK} and {OTHER_UNK} are one word here: the later one counts"]
    return []
