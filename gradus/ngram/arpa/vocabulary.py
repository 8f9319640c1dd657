"""Assign ids to the words of an ARPA file: number the 1-grams, then look up the words of longer n-grams."""

import math
from collections.abc import Container, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from gradus.errors import InputError
from gradus.ngram.arpa.fields import OTHER_UNK, Rows
from gradus.ngram.arpa.ngram_list import EntryError, NgramList
from gradus.text.special import BOS, BOS_ID, EOS, EOS_ID, PAD, PAD_ID, SPECIAL, UNK, UNK_ID

UNK_LOG10 = -100.0
"""log10 p(<unk>) if a file has no <unk>; KenLM uses the same value."""


@dataclass(frozen=True)
class Vocabulary:
    """Words and ids of an ARPA file."""

    pieces: list[str]
    """The piece of every id; the special pieces come first."""
    words: pa.StringArray
    """All pieces in the order of their ids, followed by the alternative spelling of UNK."""
    warnings: list[str]
    """Warnings about UNK in the file."""


def read_vocabulary(path: Path, row_batches: Sequence[Rows]) -> tuple[NgramList, Vocabulary]:
    """Assign ids to the words of the 1-grams. The special pieces come first, then the words in the file's order.

    Args:
        path: the file, to name in errors.
        row_batches: the parsed 1-grams of the file.
    Returns:
        A 1-gram for every id, PAD included, and the vocabulary.
    Raises:
        EntryError: if a word is not UTF-8, is listed twice, or is `<pad>`.
        InputError: if BOS or EOS is missing.
    """
    names = pa.chunked_array([rows.texts.take(pa.array(rows.words[:, 0])) for rows in row_batches], pa.string())
    names = names.combine_chunks()
    _refuse_wrong_words(names)
    special = pc.index_in(names, value_set=pa.array([*SPECIAL, OTHER_UNK])).fill_null(-1).to_numpy()
    ids = np.where(special == len(SPECIAL), UNK_ID, special)
    ids[special < 0] = len(SPECIAL) + np.arange(np.count_nonzero(special < 0))
    _require_marks(path, ids.tolist())
    pieces = [*SPECIAL, *names.filter(pa.array(special < 0)).to_pylist()]
    log_probs, backoff = np.full(len(pieces), -np.inf, np.float32), np.zeros(len(pieces), np.float32)
    log_probs[UNK_ID] = UNK_LOG10 * math.log(10)
    log_probs[ids] = np.concatenate([rows.log_probs for rows in row_batches])  # of two rows for UNK, the later one
    backoff[ids] = np.concatenate([rows.backoff for rows in row_batches])
    warnings = _unk_warnings(int(np.count_nonzero(ids == UNK_ID)))
    unigrams = NgramList(np.arange(len(pieces), dtype=np.uint32)[:, np.newaxis], log_probs, backoff)
    return unigrams, Vocabulary(pieces, pa.array([*pieces, OTHER_UNK]), warnings)


def look_up(rows: Rows, order: int, vocabulary: Vocabulary) -> NgramList:
    """Convert the words of parsed n-grams to ids.

    Raises:
        EntryError: if a word is not among the 1-grams.
    """
    # looking up all fields, even the numbers, is cheaper than copying the words first
    codes = pc.index_in(rows.texts, value_set=vocabulary.words).fill_null(PAD_ID).to_numpy()
    ids = codes[rows.words]
    ids[ids == len(vocabulary.pieces)] = UNK_ID
    unknown = np.argwhere(ids == PAD_ID)
    if len(unknown):
        row, place = unknown[0]
        found = repr(rows.texts[rows.words[row, place]].as_buffer().to_pybytes().decode(errors="replace"))
        expected, remedy = "words that are 1-grams of the file", "add the word to the 1-grams"
        raise EntryError(order, row, expected=expected, found=found, remedy=remedy)
    return NgramList(ids.astype(np.uint32), rows.log_probs, rows.backoff)


def _refuse_wrong_words(names: pa.StringArray) -> None:
    """Raise EntryError if a word is not UTF-8, contains a NUL byte, occurs twice, or is `<pad>`."""
    try:
        names.validate(full=True)
    except pa.ArrowInvalid:
        row = next(row for row, name in enumerate(names) if not _is_utf8(name.as_buffer().to_pybytes()))
        raise EntryError(1, row, expected="UTF-8", remedy="convert the file") from None
    if (row := pc.index(pc.match_substring(names, "\0"), True).as_py()) >= 0:
        raise EntryError(1, row, expected="words without a NUL byte", remedy="remove the NUL byte")
    first = names.dictionary_encode().indices.to_numpy()
    repeated = np.flatnonzero(first != np.arange(len(names)))
    if len(repeated):
        raise EntryError(1, repeated[0], expected="every word once", remedy="remove the duplicates")
    pad = pc.index(names, PAD).as_py()
    if pad >= 0:
        remedy = f"rename this word: gradus uses {PAD} for padding, and no text may contain it"
        raise EntryError(1, pad, expected=f"a word that is not {PAD}", remedy=remedy)


def _is_utf8(name: bytes) -> bool:
    # Arrow accepts an encoded U+FFFD, so only those that `decode` itself inserts count
    return "\ufffd" not in name.replace("\ufffd".encode(), b"").decode(errors="replace")


def _require_marks(path: Path, ids: Container[int]) -> None:
    for mark, mark_id in (BOS, BOS_ID), (EOS, EOS_ID):
        if mark_id not in ids:
            raise InputError(
                f"{path}: \\1-grams:",
                expected=f"the 1-gram {mark}",
                found="no such 1-gram",
                remedy=f"train the model on lines that begin with {BOS} and end with {EOS}; gradus adds both to text",
            )


def _unk_warnings(n_rows: int) -> list[str]:
    # the manifest of an imported model contains these texts
    if n_rows == 0:
        return [f"the file has no 1-gram {UNK}; the log10 of its probability is set to {UNK_LOG10:g}"]
    if n_rows > 1:
        return [f"{UNK} and {OTHER_UNK} are the same word; the later 1-gram is used"]
    return []
