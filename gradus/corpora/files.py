"""Read text files with one sentence per line, in UTF-8 without a byte-order mark and with LF line ends.

Only LF ends a line. Unicode's other line separators (U+2028, U+0085, form feed, vertical tab) are ordinary
characters. If these characters ended lines, the two sides of a translation could have different numbers of lines.
"""

import gzip
import os
import stat
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from io import BufferedReader
from itertools import chain, pairwise
from pathlib import Path
from typing import BinaryIO, cast

from gradus.errors import InputError

Log = Callable[[str], None]
"""Function that shows a message to the user."""

SPLITS = ("train", "valid", "test")
"""Names of the splits: training, validation and test text."""
WHOLE = "text"
"""Name of a text without splits; gradus splits it by position."""
CORPUS = "the texts of a corpus"
"""Kind of content, as recorded in the seal of a corpus folder."""

LONGEST_LINE = 64 << 20
"""Maximum number of bytes that a line adds to a block; without a limit, a file with no line ends fills the memory."""
GZIP_FREE, GZIP_RATIO = 64 << 20, 50
"""A `.gz` file may expand to `GZIP_FREE` bytes, or to `GZIP_RATIO` times its size if that is more.

Natural text expands by a factor of 3 to 10. A malicious file can expand by a factor of 1,000 and fill the memory.
"""

_BLOCK = 4 << 20  # bytes: fits into the processor's caches, large enough for vectorised work
_NEWLINE = b"\n"
_TEXT = "a text file, one sentence per line"
_UTF8_MARK, _UTF16_MARKS = b"\xef\xbb\xbf", (b"\xff\xfe", b"\xfe\xff")


def read_blocks(path: Path, log: Log | None = None, size: int = _BLOCK) -> Iterator[bytes]:
    """Read a text file in blocks of whole lines; decompress `.gz`.

    Each block except the last one has at least `size` bytes and at most `size + LONGEST_LINE` bytes. Only one block is
    in memory at a time. If the last line of the file has no newline, a newline is added and reported to `log`.

    Yields:
        valid UTF-8 text whose last byte is a newline.
    Raises:
        InputError: if the file is empty or cannot be read; if a gzip file is broken or expands too far; if the text
            is not UTF-8; if the text has a byte-order mark, a carriage return, a NUL or a line that is too long. The
            error names the line and, for text that is not UTF-8, the byte in this line; both numbers start at 1.
    """
    with open_input(path, _TEXT) as raw:
        yield from _checked(_whole_lines(raw, path, size), path, log)


def text_blocks(text: str, size: int = _BLOCK) -> Iterator[bytes]:
    """Split a text in memory into the blocks that `read_blocks` yields for a file with this text.

    Raises:
        InputError: if `read_blocks` refuses such a file.
    """
    # A lone surrogate is not UTF-8, so `_check` refuses it as it refuses such bytes in a file.
    content = text.encode("utf-8", "surrogatepass")
    begins = [0]
    while begins[-1] < len(content):
        begins.append(content.find(_NEWLINE, begins[-1] + size) + 1 or len(content))
    return _checked((content[begin:end] for begin, end in pairwise(begins)), "text", None)


def text_lines(lines: Iterable[str]) -> list[str]:
    """Return lines in memory as a list, blank lines included.

    Raises:
        InputError: if there are no lines, a line has a line break, or `read_blocks` refuses a file with these lines.
    """
    listed = list(lines)
    for number, line in enumerate(listed, start=1):
        if "\n" in line:
            where, remedy = f"text: line {number}", "split the text into lines"
            raise InputError(where, expected="one line", found="a line break", remedy=remedy)
    blocks = (block.decode() for block in text_blocks("".join(f"{line}\n" for line in listed)))
    return "".join(blocks).removesuffix("\n").split("\n")


def _checked(blocks: Iterable[bytes], path: Path | str, log: Log | None) -> Iterator[bytes]:
    """Yield blocks of whole lines, checked, and with a newline after the last line; `path` is `text` for memory."""
    line = 1
    for block in blocks:
        _check(block, path, line)
        if not block.endswith(_NEWLINE):  # only the last block can lack one
            if log:
                log(f"{path}: the last line has no newline; it counts as a line")
            block += _NEWLINE
        yield block
        line += block.count(_NEWLINE)
    if line == 1:
        found = "an empty file" if isinstance(path, Path) else "an empty text"
        raise InputError(path, expected="one sentence per line", found=found, remedy="add text")


def read_lines(path: Path, log: Log | None = None) -> list[str]:
    """Read the lines of a text file, blank lines included; decompress `.gz`.

    If the last line has no newline, it still counts as a line, and `log` reports the missing newline.

    Raises:
        InputError: if `read_blocks` refuses the file.
    """
    blocks = (block.decode().removesuffix("\n").split("\n") for block in read_blocks(path, log))
    return list(chain.from_iterable(blocks))


@contextmanager
def open_input(path: Path, expected: str) -> Iterator[BufferedReader]:
    """Open a file to read its bytes.

    Pipes, terminals and devices are refused, because reading from them may never end. Only `/dev/stdin` and `/dev/fd/N`
    are allowed, because the user has opened these files for this process.

    Args:
        path: the file.
        expected: what kind of file is expected, for the error message.
    Raises:
        InputError: if the file is missing, is not a regular file, or cannot be read.
    """
    try:
        mode = path.stat().st_mode
        given = path == Path("/dev/stdin") or path.parent == Path("/dev/fd")
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
        return InputError(path, expected=expected, found="no file", remedy="put the file there")
    found = f"a file that cannot be read ({error.strerror})"
    return InputError(path, expected=expected, found=found, remedy="name a readable file")


def _whole_lines(raw: BinaryIO, path: Path, size: int) -> Iterator[bytes]:
    """Yield blocks of whole lines with at least `size` bytes each; limit how far a `.gz` file may expand."""
    compressed = path.suffix == ".gz"
    file = cast(BinaryIO, gzip.GzipFile(fileobj=raw)) if compressed else raw
    # Measured while reading: the size that a gzip file itself states can be wrong.
    left = max(GZIP_FREE, GZIP_RATIO * os.fstat(raw.fileno()).st_size)
    line = 1
    while block := _next_lines(file, path, size, line):
        left -= len(block)
        if compressed and left < 0:
            raise InputError(
                path,
                expected=f"a gzip file that expands by a factor of at most {GZIP_RATIO}",
                found="a file that expands more",
                remedy="if you trust the file, decompress it yourself",
            )
        yield block
        line += block.count(_NEWLINE)


def _next_lines(file: BinaryIO, path: Path, size: int, line: int) -> bytes:
    """Read `size` bytes, and then the rest of the last line; refuse a rest of more than `LONGEST_LINE` bytes."""
    try:
        begin, rest = file.read(size), file.readline(LONGEST_LINE + 1)  # one byte more shows that a line is too long
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:  # before OSError, whose subclass BadGzipFile is
        remedy = "download or compress the file again"
        raise InputError(path, expected="a complete gzip file", found=str(error), remedy=remedy) from None
    except OSError as error:
        raise _unreadable(path, _TEXT, error) from None
    if len(rest) > LONGEST_LINE:
        raise InputError(
            f"{path}: line {line + begin.count(_NEWLINE)}",
            expected=f"a line of at most {LONGEST_LINE >> 20} MiB",
            found="a longer line",
            remedy="put each sentence on a line of its own",
        )
    return begin + rest


def _check(block: bytes, path: Path | str, first: int) -> None:
    """Refuse malformed text; `first` is the line number of the first line in the block."""
    if first == 1 and block.startswith((_UTF8_MARK, *_UTF16_MARKS)):
        raise InputError(
            f"{path}: line 1",
            expected="UTF-8 text without a byte-order mark",
            found="a byte-order mark",
            remedy="save the file without the byte-order mark",
        )
    no_crlf, to_utf8 = "end the lines with LF only", "remove the lone surrogates"
    if isinstance(path, Path):
        no_crlf = f"convert the file: sed -i 's/\\r$//' {path.name}"
        to_utf8 = "convert the file, for example: iconv -f latin1 -t utf-8"
    # NUL comes first, because UTF-16 text has both bytes, and only the remedy for NUL names UTF-16.
    for byte, found, remedy in (
        (b"\0", "a NUL byte", "remove the byte; if the file is UTF-16, save it as UTF-8"),
        (b"\r", "a carriage return (CRLF)", no_crlf),
    ):
        if (place := block.find(byte)) >= 0:
            where = f"{path}: line {first + block.count(_NEWLINE, 0, place)}"
            raise InputError(where, expected="UTF-8 text with LF line ends", found=found, remedy=remedy)
    try:
        block.decode()
    except UnicodeDecodeError as error:
        place = error.start - block.rfind(_NEWLINE, 0, error.start)  # counted from 1
        raise InputError(
            f"{path}: line {first + block.count(_NEWLINE, 0, error.start)}",
            expected="UTF-8",
            found=f"byte 0x{block[error.start]:02x} at byte {place} of the line ({error.reason})",
            remedy=to_utf8,
        ) from None


def read_columns(paths: Sequence[Path], log: Log | None = None) -> tuple[list[str], ...]:
    """Read the text of one split: one file for a language model, or a source and a target file for translation.

    Returns:
        the lines of each file.
    Raises:
        InputError: if `read_lines` refuses a file; if source and target have different numbers of lines, or if either
            of them has a blank line.
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
