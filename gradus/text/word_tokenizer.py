"""Words between white space, for text that is tokenised already."""

from collections.abc import Iterable, Sequence
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from gradus.artifacts.allocation import Allocate, in_memory
from gradus.errors import InputError
from gradus.progress import Track, silent
from gradus.text.special import EOS_ID, SPECIAL, UNK, UNK_ID
from gradus.text.tokenizer_folder import REMEDY, sha256, write_folder

_BATCH = 1 << 22  # characters between two movements of the progress bar
_NO_WORDS = pa.array(["", *SPECIAL], pa.large_string())
_MARKS = pa.array([mark for mark in SPECIAL if mark != UNK], pa.large_string())


def train_words(lines: Sequence[str], min_count: int, where: str = "tokenizer") -> "WordTokenizer":
    """Keep the words seen at least `min_count` times, the most frequent first, equals in code point order.

    A literal `<unk>` is UNK already; the other special pieces are no words (`refuse_special_words`).

    Raises:
        InputError: if no word is that frequent.
    """
    words, counts, _ = _merge([_split(_block(lines[batch])) for batch in _batches(lines)])
    n_kept = int(np.count_nonzero(counts >= min_count))
    if not n_kept:
        raise InputError(
            f"{where}: min_count",
            expected=f"at most {counts.max(initial=0)}, the count of the most frequent word",
            found=str(min_count),
            remedy="lower it",
        )
    return WordTokenizer([*SPECIAL, *words[:n_kept]])


def encode_words(
    blocks: Iterable[bytes], where: Path, empty: Allocate = in_memory, track: Track = silent
) -> tuple["WordTokenizer", NDArray[np.int32]]:
    """Learn the vocabulary of a text and encode it, in one pass over its blocks.

    The result is that of `train_words` with a minimum count of 1, and its `encode_lines`. Eight bytes a
    token are held at the end, four of them for the result, all in the room of `empty`; of the text, a block.

    Args:
        blocks: UTF-8 text in whole lines, each ended by a newline, as from `read_blocks`.
        where: the file, to name in errors.
        empty: gives room for the ids.
        track: shows how far the blocks have come.
    Returns:
        The tokenizer, and the ids of the text, EOS after every line: int32 (n_tokens,).
    Raises:
        InputError: if the text has no words, or if one is spelled like PAD, BOS or EOS; with its line.
    """
    parts: list[tuple[NDArray[np.int32], Any]] = []
    for block in track(blocks, "tokenize"):
        codes, words = _split(block)
        if pc.any(pc.is_in(words, _MARKS)).as_py():
            n_lines = sum(int(np.sum(codes == pc.index(words, "").as_py())) for codes, words in parts)
            refuse_special_words(block.decode().split("\n"), where, first=n_lines + 1)
        parts.append((empty(len(codes), np.int32), words))
        parts[-1][0][:] = codes
    words, _, part_ids = _merge(parts)
    if not words:
        raise InputError(where, expected="words", found="none", remedy="give it text")
    ids = empty(sum(len(codes) for codes, _ in parts), np.int32)
    begin = 0
    for (codes, _), id_of_code in zip(parts, part_ids, strict=True):
        ids[begin : begin + len(codes)] = id_of_code[codes]
        begin += len(codes)
    return WordTokenizer([*SPECIAL, *words]), ids


def read_words(content: bytes, where: Path) -> "WordTokenizer":
    """Read what `WordTokenizer.save` wrote, one piece a line.

    Raises:
        InputError: if the special pieces do not come first, or a piece is no word, or occurs twice.
    """
    try:
        pieces = content.decode().removesuffix("\n").split("\n")
    except UnicodeDecodeError as error:
        raise InputError(where, expected="UTF-8", found=str(error), remedy=REMEDY) from None
    if tuple(pieces[: len(SPECIAL)]) != SPECIAL:
        expected = f"the lines {', '.join(SPECIAL)} first"
        raise InputError(where, expected=expected, found=repr(pieces[: len(SPECIAL)]), remedy=REMEDY)
    if not len(content.split()) == len(set(pieces)) == len(pieces):
        raise InputError(where, expected="a word a line, each once", found="others", remedy=REMEDY)
    return WordTokenizer(pieces)


def refuse_special_words(lines: Sequence[str], where: Path, first: int = 1) -> None:
    """Refuse a text in which a word is spelled like PAD, BOS or EOS, for each line gets its own EOS.

    Args:
        first: number of the first line in the file `where`.
    Raises:
        InputError: with the line.
    """
    marks = [mark for mark in SPECIAL if mark != UNK]
    for number, line in enumerate(lines, start=first):
        if "<" in line and (found := set(marks).intersection(line.split())):
            raise InputError(
                f"{where}: line {number}",
                expected=f"words other than {', '.join(marks)}",
                found=min(found),
                remedy="remove it: lines get their marks from gradus",
            )


def _batches(lines: Sequence[str]) -> list[slice]:
    """Cut lines into batches of whole lines, some millions of characters each."""
    ends = np.cumsum(np.fromiter(map(len, lines), np.int64) + 1)
    cuts = np.flatnonzero(np.diff(ends // _BATCH)) + 1
    return [slice(begin, end) for begin, end in pairwise(sorted({0, *cuts.tolist(), len(lines)}))]


def _block(lines: Sequence[str]) -> bytes:
    """Write lines as `read_blocks` does: UTF-8, each line ended by a newline."""
    text = "\n".join([*lines, ""])
    if text.count("\n") > len(lines):  # within a line it is white space like any other
        text = "\n".join([*(line.replace("\n", " ") for line in lines), ""])
    return text.encode()


def _split(block: bytes) -> tuple[NDArray[np.int32], Any]:
    """Split a block of lines into words: int32 codes (n_tokens,), and the word of every code, "" for EOS.

    White space is what Unicode calls so, as for `str.split`.
    """
    if not block.endswith(b"\n"):
        raise ValueError("a block ends with its last line's newline")
    ends = np.flatnonzero(np.frombuffer(block, np.uint8) == ord("\n")) + 1
    starts = pa.py_buffer(np.concatenate([[0], ends]))
    lines = pa.LargeStringArray.from_buffers(len(ends), starts, pa.py_buffer(block))
    # Arrow's ASCII white space lacks U+001C to U+001F
    ascii_only = block.isascii() and not any(space in block for space in b"\x1c\x1d\x1e\x1f")
    # the newline, white space too, leaves an empty word at the end of a line: EOS
    words = pc.ascii_split_whitespace(lines) if ascii_only else pc.utf8_split_whitespace(lines)
    coded = words.values.dictionary_encode()
    codes = coded.indices.to_numpy()
    eos = words.offsets.to_numpy()[1:] - 1
    empty = codes == codes[eos[0]]
    if np.count_nonzero(empty) > len(eos):  # so does other white space at either end of a line
        empty[eos] = False
        codes = codes[~empty]
    return codes, coded.dictionary


def _merge(
    parts: Sequence[tuple[NDArray[np.int32], Any]],
) -> tuple[list[str], NDArray[np.int64], list[NDArray[np.int32]]]:
    """Merge the words of several `_split` blocks.

    Returns:
        All words but the special ones, by falling count, then by code point; their counts: int64
        (n_words,); and for each block the ids of its codes, if every word is kept: int32 (n_codes,).
    """
    merged = pa.chunked_array([words for _, words in parts], pa.large_string()).dictionary_encode()
    words, places = merged.combine_chunks().dictionary, [chunk.indices.to_numpy() for chunk in merged.chunks]
    counts = np.zeros(len(words), np.int64)
    for (codes, _), place in zip(parts, places, strict=True):
        counts[place] += np.bincount(codes, minlength=len(place))
    by_word = pc.array_sort_indices(words).to_numpy()  # UTF-8 sorts as code points do
    order = by_word[np.argsort(-counts[by_word], kind="stable")]
    order = order[~pc.is_in(words, _NO_WORDS).to_numpy(zero_copy_only=False)[order]]
    ids = np.full(len(words), UNK_ID, np.int32)
    ids[order] = np.arange(len(SPECIAL), len(SPECIAL) + len(order))
    ids[pc.equal(words, "").to_numpy(zero_copy_only=False)] = EOS_ID
    return words.to_numpy(zero_copy_only=False)[order].tolist(), counts[order], [ids[place] for place in places]


class WordTokenizer:
    """A closed vocabulary of words; every other word is UNK.

    Words are separated by runs of what Unicode calls white space, so `decode` gives back a line whose
    words stand one space apart.
    """

    kind: Literal["word"] = "word"

    def __init__(self, pieces: Sequence[str]) -> None:
        self.pieces = pieces

    @property
    def size(self) -> int:
        """Number of pieces, special ones included."""
        return len(self.pieces)

    @property
    def sha256(self) -> str:
        """Hash of the vocabulary file."""
        return sha256(self._content())

    def encode(self, line: str) -> list[int]:
        """Return the ids of a line's words, without EOS."""
        return [self._ids.get(word, UNK_ID) for word in line.split()]

    def encode_lines(self, lines: Sequence[str], track: Track = silent) -> NDArray[np.int32]:
        """Return the ids of a text, EOS after every line: int32 (n_tokens,)."""
        ids = [self.encode_block(_block(lines[batch])) for batch in track(_batches(lines), "tokenize")]
        return np.concatenate([np.empty(0, np.int32), *ids])

    def encode_block(self, block: bytes) -> NDArray[np.int32]:
        """Return the ids of a block as from `read_blocks`, EOS after every line: int32 (n_tokens,)."""
        codes, words = _split(block)
        ids = pc.fill_null(pc.index_in(words, self._words), UNK_ID).to_numpy()
        ids = np.where(ids < len(SPECIAL), np.int32(UNK_ID), ids)
        ids[pc.equal(words, "").to_numpy(zero_copy_only=False)] = EOS_ID  # as `_split` calls it
        return np.asarray(ids[codes])

    def decode(self, token_ids: Sequence[int]) -> str:
        """Return the words of ids with a space between; PAD, BOS and EOS are dropped, UNK is `<unk>`."""
        return " ".join(self.pieces[i] for i in token_ids if i == UNK_ID or i >= len(SPECIAL))

    def save(self, folder: Path) -> None:
        """Write `vocabulary.txt`, one piece a line in the order of ids, and `tokenizer.json`."""
        write_folder(folder, self.kind, self._content())

    @cached_property
    def _ids(self) -> dict[str, int]:
        ids = {word: token_id for token_id, word in enumerate(self.pieces)}
        return ids | dict.fromkeys(SPECIAL, UNK_ID)

    @cached_property
    def _words(self) -> Any:
        return pa.array(self.pieces, pa.large_string())

    def _content(self) -> bytes:
        return "".join(f"{piece}\n" for piece in self.pieces).encode()
