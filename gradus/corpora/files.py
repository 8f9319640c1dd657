"""Text files, one sentence a line: UTF-8 without a byte-order mark, LF line ends; anything else is refused.

Lines end at LF alone. Other characters that Unicode calls line separators (U+2028, U+0085, form feed and
vertical tab) are part of a line, so that two sides of a translation cannot slip against each other.
"""

import gzip
import os
import stat
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from io import BufferedReader
from itertools import chain
from pathlib import Path
from typing import BinaryIO, cast

from gradus.errors import InputError

Log = Callable[[str], None]

SPLITS = ("train", "valid", "test")
CORPUS = "the texts of a corpus"
"""What the seal of a folder of `data/raw` calls its content."""

WHOLE = "text"
"""Name of a corpus' only text, which is then split by position."""

LONGEST_LINE = 64 << 20
"""Bytes of a line beyond its first block at most: a file without line ends would fill the memory."""
GZIP_FREE, GZIP_RATIO = 64 << 20, 50
"""Bytes that any compressed text may have, and more only up to this multiple of its compressed size.

Natural text has a ratio of 3 to 10; a file that is made to fill memory and disks has one of 1,000.
"""

_BLOCK = 4 << 20  # bytes: small enough for the processor's caches, large enough for vectorised work
_NEWLINE = b"\n"
_TEXT = "a text file, one sentence a line"
_UTF8_MARK, _UTF16_MARKS = b"\xef\xbb\xbf", (b"\xff\xfe", b"\xfe\xff")


def read_blocks(path: Path, log: Log | None = None, size: int = _BLOCK) -> Iterator[bytes]:
    """Read a text file in blocks of whole lines, each at least `size` bytes but the last; `.gz` is decompressed.

    Memory holds one block, whatever the file's length, and a block is at most `LONGEST_LINE` longer than `size`.
    Every line of a block ends in a newline: a last line without its own is given one, and `log` is told.

    Yields:
        UTF-8 text, checked.
    Raises:
        InputError: if the file cannot be read, is empty, is a gzip file that is broken or expands beyond
            `GZIP_RATIO`, is not UTF-8, or holds a byte-order mark, a carriage return, a NUL or a line that is too
            long; with the line, and for bad UTF-8 the byte in it, both counted from 1.
    """
    line = 1
    with open_input(path, _TEXT) as raw:
        for block in _whole_lines(raw, path, size):
            _check(block, path, line)
            if not block.endswith(_NEWLINE):
                if log:
                    log(f"{path}: the last line has no newline; it counts as a line")
                block += _NEWLINE
            yield block
            line += block.count(_NEWLINE)
    if line == 1:
        raise InputError(path, expected="one sentence a line", found="an empty file", remedy="give it text")


def read_lines(path: Path, log: Log | None = None) -> list[str]:
    """Read the lines of a text file, blank ones included; a name in `.gz` is decompressed.

    A last line without its newline counts as a line, and `log` is told.

    Raises:
        InputError: as `read_blocks`.
    """
    blocks = (block.decode().removesuffix("\n").split("\n") for block in read_blocks(path, log))
    return list(chain.from_iterable(blocks))


@contextmanager
def open_input(path: Path, expected: str) -> Iterator[BufferedReader]:
    """Open a file to be read as bytes; pipes, terminals and devices only as `/dev/stdin` or `/dev/fd/N`.

    Args:
        path: the file.
        expected: what it should be, for errors.
    Raises:
        InputError: if there is no such file, it is of another kind, or the system does not let it be read.
    """
    try:
        mode = path.stat().st_mode
        given = path == Path("/dev/stdin") or path.parent == Path("/dev/fd")  # others may never answer, or never end
        if not (stat.S_ISREG(mode) or given):
            found = "a folder" if stat.S_ISDIR(mode) else "a pipe or a device"
            raise InputError(path, expected=expected, found=found, remedy="name a regular file")
        file = path.open("rb")
    except OSError as error:
        raise _unreadable(path, expected, error) from None
    with file:
        yield file


def _unreadable(path: Path, expected: str, error: OSError) -> InputError:
    if isinstance(error, FileNotFoundError):
        return InputError(path, expected=expected, found="no file", remedy="put it there")
    found = f"what cannot be read ({error.strerror})"
    return InputError(path, expected=expected, found=found, remedy="name a file that can be read")


def _whole_lines(raw: BinaryIO, path: Path, size: int) -> Iterator[bytes]:
    """Yield the bytes of a file in whole lines, at least `size` at a time; `.gz` is decompressed, within bounds."""
    compressed = path.suffix == ".gz"
    file = cast(BinaryIO, gzip.GzipFile(fileobj=raw)) if compressed else raw
    left = max(GZIP_FREE, GZIP_RATIO * os.fstat(raw.fileno()).st_size)
    line = 1
    while block := _next_lines(file, path, size, line):
        left -= len(block)
        if compressed and left < 0:
            raise InputError(
                path,
                expected=f"at most {GZIP_RATIO} times the compressed size",
                found="a gzip file that expands to more",
                remedy="decompress it first, if it is what it should be",
            )
        yield block
        line += block.count(_NEWLINE)


def _next_lines(file: BinaryIO, path: Path, size: int, line: int) -> bytes:
    """Read `size` bytes and the rest of the last line, which is at most `LONGEST_LINE`."""
    try:
        begin, rest = file.read(size), file.readline(LONGEST_LINE + 1)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        remedy = "download or compress it again"
        raise InputError(path, expected="a whole gzip file", found=str(error), remedy=remedy) from None
    except OSError as error:
        raise _unreadable(path, _TEXT, error) from None
    if len(rest) > LONGEST_LINE:
        raise InputError(
            f"{path}: line {line + begin.count(_NEWLINE)}",
            expected=f"a line of at most {LONGEST_LINE >> 20} MiB",
            found="a longer one",
            remedy="give it one sentence a line",
        )
    return begin + rest


def _check(block: bytes, path: Path, first: int) -> None:
    """Say what is wrong with a block of lines, of which the first is line `first` of the file."""
    if first == 1 and block.startswith((_UTF8_MARK, *_UTF16_MARKS)):
        raise InputError(
            f"{path}: line 1", expected="text", found="a byte-order mark", remedy="save it as UTF-8 without one"
        )
    for byte, found, remedy in (
        (b"\0", "a NUL byte", "remove it, or save the file as UTF-8 if it is UTF-16"),
        (b"\r", "a carriage return (CRLF)", f"convert it: sed -i 's/\\r$//' {path.name}"),
    ):
        if (place := block.find(byte)) >= 0:
            where = f"{path}: line {first + block.count(_NEWLINE, 0, place)}"
            raise InputError(where, expected="UTF-8 text with LF line ends", found=found, remedy=remedy)
    try:
        block.decode()
    except UnicodeDecodeError as error:
        place = error.start - block.rfind(_NEWLINE, 0, error.start)  # 1 for the first byte of a line
        raise InputError(
            f"{path}: line {first + block.count(_NEWLINE, 0, error.start)}",
            expected="UTF-8",
            found=f"byte 0x{block[error.start]:02x} at byte {place} of the line ({error.reason})",
            remedy="convert it, for instance: iconv -f latin1 -t utf-8",
        ) from None


def read_columns(paths: Sequence[Path], log: Log | None = None) -> tuple[list[str], ...]:
    """Read the parallel files of a split: one for a language model, source and target for translation.

    Returns:
        The lines of each file. Blank lines are kept where there is one file, refused where there are two.
    Raises:
        InputError: as `read_lines`; if the files differ in their number of lines; if a side is blank.
    """
    columns = tuple(read_lines(path, log) for path in paths)
    if len(columns) > 1:
        _refuse_unequal(paths, columns)
        for path, column in zip(paths, columns, strict=True):
            _refuse_blank(path, column)
    return columns


def _refuse_unequal(paths: Sequence[Path], columns: Sequence[list[str]]) -> None:
    first = len(columns[0])
    for path, column in zip(paths, columns, strict=True):
        if len(column) != first:
            raise InputError(
                path,
                expected=f"{first} lines, as in {paths[0].name}",
                found=f"{len(column)} lines",
                remedy="align the two sides line by line",
            )


def _refuse_blank(path: Path, column: Sequence[str]) -> None:
    for number, line in enumerate(column, start=1):
        if not line.strip():
            raise InputError(
                f"{path}: line {number}",
                expected="a sentence on each side of a pair",
                found="a blank line",
                remedy="remove the pair from both files",
            )
