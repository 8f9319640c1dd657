"""Tokenizer that splits lines into words at white space, for text with spaces around punctuation."""

from collections.abc import Iterable, Sequence
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from gradus.allocation import Allocate, in_memory
from gradus.errors import InputError
from gradus.progress import Track, silent
from gradus.text.special import EOS_ID, SPECIAL, UNK, UNK_ID
from gradus.text.tokenizers.folder import REMEDY, sha256, write_folder

_BATCH = 1 << 22  # characters per step of the progress bar
_NO_WORDS = pa.array(["", *SPECIAL], pa.large_string())
_MARKS = pa.array([mark for mark in SPECIAL if mark != UNK], pa.large_string())


def train_words(lines: Sequence[str], min_count: int, where: str = "tokenizer") -> "WordTokenizer":
    """Build a vocabulary of all words that occur at least `min_count` times.

    Words are sorted by descending count, then by code point. The word `<unk>` in a text becomes UNK. The vocabulary
    excludes `<pad>`, `<s>` and `</s>`; callers refuse a text with these words (`refuse_special_words`).

    Raises:
        InputError: if no word occurs `min_count` times.
    """
    words, counts, _ = _merge([_split(_block(lines[batch])) for batch in _batches(lines)])
    n_kept = int(np.count_nonzero(counts >= min_count))
    if not n_kept:
        raise InputError(
            f"{where}: min_count",
            expected=f"at most {counts.max(initial=0)}, the count of the most frequent word",
            found=str(min_count),
            remedy="lower min_count",
        )
    return WordTokenizer([*SPECIAL, *words[:n_kept]])


def encode_words(
    blocks: Iterable[bytes], where: Path, allocate: Allocate = in_memory, track: Track = silent
) -> tuple["WordTokenizer", NDArray[np.int32]]:
    """Learn the vocabulary of a text and encode the text, in one pass over its blocks.

    The result equals that of `train_words` with a minimum count of 1, followed by `encode_lines`. The function
    allocates eight bytes per token with `allocate`: four for working memory, and four for the result. Only one block
    of text is in memory at a time.

    Args:
        blocks: blocks of whole UTF-8 lines, as `read_blocks` yields them.
        where: file of the text, for errors.
        allocate: function that allocates the arrays of token ids.
        track: reports the progress, one step per block.
    Returns:
        the tokenizer, and the token ids of the text with EOS after every line, int32 (n_tokens,).
    Raises:
        InputError: if the text has no words, or if a word is spelled like PAD, BOS or EOS. The error names the line.
    """
    parts: list[tuple[NDArray[np.int32], Any]] = []
    for block in track(blocks, "tokenize"):
        codes, words = _split(block)
        if pc.any(pc.is_in(words, _MARKS)).as_py():
            n_lines = sum(int(np.sum(codes == pc.index(words, "").as_py())) for codes, words in parts)
            refuse_special_words(block.decode().split("\n"), where, first=n_lines + 1)
        parts.append((allocate(len(codes), np.int32), words))
        parts[-1][0][:] = codes  # copied, because `allocate` may use a file in place of memory
    words, _, part_ids = _merge(parts)
    if not words:
        raise InputError(where, expected="words", found="none", remedy="add text")
    ids = allocate(sum(len(codes) for codes, _ in parts), np.int32)
    begin = 0
    for (codes, _), id_of_code in zip(parts, part_ids, strict=True):
        ids[begin : begin + len(codes)] = id_of_code[codes]
        begin += len(codes)
    return WordTokenizer([*SPECIAL, *words]), ids


def read_words(content: bytes, where: Path) -> "WordTokenizer":
    """Parse the vocabulary file of a word tokenizer, which has one piece per line.

    Raises:
        InputError: if the file does not begin with the special pieces, if a line is not exactly one word, or if a word
            occurs twice.
    """
    try:
        pieces = content.decode().removesuffix("\n").split("\n")
    except UnicodeDecodeError as error:
        raise InputError(where, expected="UTF-8", found=str(error), remedy=REMEDY) from None
    if tuple(pieces[: len(SPECIAL)]) != SPECIAL:
        expected = f"the first lines {', '.join(SPECIAL)}"
        raise InputError(where, expected=expected, found=repr(pieces[: len(SPECIAL)]), remedy=REMEDY)
    if not len(content.split()) == len(set(pieces)) == len(pieces):
        raise InputError(where, expected="one word per line, each word once", found="other lines", remedy=REMEDY)
    return WordTokenizer(pieces)


def refuse_special_words(lines: Sequence[str], where: Path, first: int = 1) -> None:
    """Refuse a text with a word that is spelled like PAD, BOS or EOS.

    Args:
        lines: lines of the text.
        where: file of the text, for errors.
        first: line number of `lines[0]` in the file.
    Raises:
        InputError: if the text has such a word. The error names the line.
    """
    marks = [mark for mark in SPECIAL if mark != UNK]
    for number, line in enumerate(lines, start=first):
        if "<" in line and (found := set(marks).intersection(line.split())):
            raise InputError(
                f"{where}: line {number}",
                expected=f"words other than {', '.join(marks)}",
                found=min(found),
                remedy="remove the word; gradus adds these pieces itself",
            )


def _batches(lines: Sequence[str]) -> list[slice]:
    """Cut lines into batches of about `_BATCH` characters each."""
    ends = np.cumsum(np.fromiter(map(len, lines), np.int64) + 1)
    cuts = np.flatnonzero(np.diff(ends // _BATCH)) + 1
    return [slice(begin, end) for begin, end in pairwise(sorted({0, *cuts.tolist(), len(lines)}))]


def _block(lines: Sequence[str]) -> bytes:
    """Join lines to one block of UTF-8 text, with a newline after each line."""
    text = "\n".join([*lines, ""])
    if text.count("\n") > len(lines):  # a newline within a line is white space
        text = "\n".join([*(line.replace("\n", " ") for line in lines), ""])
    return text.encode()


def _split(block: bytes) -> tuple[NDArray[np.int32], Any]:
    """Split a block of whole lines into words, at the white space at which `str.split` splits.

    Returns:
        - the code of each token, int32 (n_tokens,): an index into the second array
        - the different words of the block, with "" for EOS
    """
    if not block.endswith(b"\n"):
        raise ValueError("expected a block that ends in a newline, found an unfinished last line; pass whole lines")
    ends = np.flatnonzero(np.frombuffer(block, np.uint8) == ord("\n")) + 1
    starts = pa.py_buffer(np.concatenate([[0], ends]))
    lines = pa.LargeStringArray.from_buffers(len(ends), starts, pa.py_buffer(block))
    # Arrow's ASCII white space lacks U+001C to U+001F
    ascii_only = block.isascii() and not any(space in block for space in b"\x1c\x1d\x1e\x1f")
    # The newline is white space too and leaves an empty word at the end of a line; it becomes EOS
    words = pc.ascii_split_whitespace(lines) if ascii_only else pc.utf8_split_whitespace(lines)
    coded = words.values.dictionary_encode()
    codes = coded.indices.to_numpy()
    eos = words.offsets.to_numpy()[1:] - 1
    empty = codes == codes[eos[0]]
    if np.count_nonzero(empty) > len(eos):  # other white space at the ends of a line leaves empty words too
        empty[eos] = False
        codes = codes[~empty]
    return codes, coded.dictionary


def _merge(
    parts: Sequence[tuple[NDArray[np.int32], Any]],
) -> tuple[list[str], NDArray[np.int64], list[NDArray[np.int32]]]:
    """Merge the words of several blocks; `parts` has the codes and the words that `_split` returns for each block.

    Returns:
        - the words except special pieces, sorted by descending count, then by code point
        - the count of each word, int64 (n_words,)
        - a list with one array per block, int32 (n_codes,): the token id of each code
    """
    merged = pa.chunked_array([words for _, words in parts], pa.large_string()).dictionary_encode()
    words, positions = merged.combine_chunks().dictionary, [chunk.indices.to_numpy() for chunk in merged.chunks]
    counts = np.zeros(len(words), np.int64)
    for (codes, _), position in zip(parts, positions, strict=True):
        counts[position] += np.bincount(codes, minlength=len(position))
    by_word = pc.array_sort_indices(words).to_numpy()  # UTF-8 sorts as code points do
    order = by_word[np.argsort(-counts[by_word], kind="stable")]
    order = order[~pc.is_in(words, _NO_WORDS).to_numpy(zero_copy_only=False)[order]]
    ids = np.full(len(words), UNK_ID, np.int32)
    ids[order] = np.arange(len(SPECIAL), len(SPECIAL) + len(order))
    ids[pc.equal(words, "").to_numpy(zero_copy_only=False)] = EOS_ID
    return (
        words.to_numpy(zero_copy_only=False)[order].tolist(),
        counts[order],
        [ids[position] for position in positions],
    )


class WordTokenizer:
    """Tokenizer with a closed vocabulary of words; every word outside the vocabulary is UNK.

    Any white space of Unicode separates words. `decode` joins words with single spaces, so it cannot restore other
    white space.
    """

    kind: Literal["word"] = "word"

    def __init__(self, pieces: Sequence[str]) -> None:
        self.pieces = pieces

    @property
    def size(self) -> int:
        """Number of pieces, special pieces included."""
        return len(self.pieces)

    @property
    def sha256(self) -> str:
        """SHA-256 of the vocabulary file, which identifies the tokenizer."""
        return sha256(self._content())

    def encode(self, line: str) -> list[int]:
        """Return the token ids of one line, without EOS."""
        return [self._ids.get(word, UNK_ID) for word in line.split()]

    def encode_lines(self, lines: Sequence[str], track: Track = silent) -> NDArray[np.int32]:
        """Return the token ids of a text, with EOS after every line: int32 (n_tokens,)."""
        ids = [self.encode_block(_block(lines[batch])) for batch in track(_batches(lines), "tokenize")]
        return np.concatenate([np.empty(0, np.int32), *ids])

    def encode_block(self, block: bytes) -> NDArray[np.int32]:
        """Return the token ids of whole UTF-8 lines, with EOS after every line: int32 (n_tokens,)."""
        codes, words = _split(block)
        ids = pc.fill_null(pc.index_in(words, self._words), UNK_ID).to_numpy()
        ids = np.where(ids < len(SPECIAL), np.int32(UNK_ID), ids)  # a special piece in a text is UNK
        ids[pc.equal(words, "").to_numpy(zero_copy_only=False)] = EOS_ID  # see `_split`
        return np.asarray(ids[codes])

    def decode(self, token_ids: Sequence[int]) -> str:
        """Join the words of token ids with spaces; drop PAD, BOS and EOS, and write UNK as `<unk>`."""
        return " ".join(self.pieces[i] for i in token_ids if i == UNK_ID or i >= len(SPECIAL))

    def save(self, folder: Path) -> None:
        """Write `vocabulary.txt`, with one piece per line in the order of token ids, and `tokenizer.json`."""
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
