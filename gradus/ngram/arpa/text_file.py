"""Open an ARPA file, read its header, divide its text into blocks of lines, and locate rows for error messages."""

import gzip
import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import IO, NamedTuple

from gradus.corpora.files import GZIP_FREE, GZIP_RATIO
from gradus.errors import InputError

BLOCK = 2**22
"""Number of bytes that are read at once. The rest of the last line is read after them."""

LINE = 2**20
"""Maximum number of bytes that are read to complete the last line of a block."""

HEADER_LINE, HEADER_LINES = 2**16, 10_000
"""Maximum length of a header line in bytes, and maximum number of header lines."""


class SectionSize(NamedTuple):
    """Size of a section according to the header."""

    line: int
    """Number of the header line that contains the size."""
    n_rows: int
    """Number of n-grams in the section."""


def open_arpa(path: Path) -> IO[bytes]:
    """Open a file for reading; decompress it if its first bytes are those of gzip.

    Raises:
        InputError: if there is no file.
    """
    if not path.is_file():
        raise InputError(path, expected="an ARPA file", found="no file", remedy="name one")
    return gzip.open(path, "rb") if _is_gzip(path) else path.open("rb")  # type: ignore[return-value]


def count_blocks(path: Path) -> int | None:
    """Return the number of blocks in a file, or None if the file is compressed."""
    return None if _is_gzip(path) else path.stat().st_size // BLOCK + 1


def _is_gzip(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(2) == b"\x1f\x8b"


def read_header(path: Path, file: IO[bytes]) -> list[SectionSize]:
    r"""Read the header, up to the line `\1-grams:`; return the sizes of the sections of orders 1 to N.

    Raises:
        InputError: if the header is broken. The error names the line.
    """
    lines = enumerate(islice(iter(lambda: file.readline(HEADER_LINE), b""), HEADER_LINES), 1)
    number, text = next(((n, line.strip()) for n, line in lines if not re.match(rb"\s*(#|$)", line)), (0, b""))
    if text != b"\\data\\":
        raise broken_line(path, number, "\\data\\, the first line of ARPA files", text)
    sizes: list[SectionSize] = []
    for number, line in lines:
        text = line.strip()
        # bounded numbers of digits, because int() of a million digits would take minutes
        match = re.fullmatch(rb"ngram\s+(\d{1,9})\s*=\s*(\d{1,18})", text)
        if text == b"\\1-grams:" and sizes:
            return sizes
        if match and int(match[1]) == len(sizes) + 1:
            sizes.append(SectionSize(number, int(match[2])))
        elif text:
            expected = f"ngram {len(sizes) + 1}=COUNT" + " or \\1-grams:" * bool(sizes)
            raise broken_line(path, number, expected, text)
    raise broken_line(path, number, "\\1-grams:", b"")


def read_blocks(path: Path, file: IO[bytes]) -> Iterator[bytes]:
    """Read the rest of a file in blocks of whole lines. The last line of the file needs no newline.

    Raises:
        InputError: if a line is very long, or a gzip file expands to many times its size. Both could fill the memory.
    """
    # number of bytes that may still be read; the limit is far above what real text needs
    left = max(GZIP_FREE, GZIP_RATIO * path.stat().st_size)
    while begin := file.read(BLOCK):
        rest = file.readline(LINE)
        left -= len(begin) + len(rest)
        if left < 0 or (len(rest) == LINE and not rest.endswith(b"\n")):
            expected = f"lines of at most {LINE} bytes, and text of at most {GZIP_RATIO} times the compressed size"
            raise InputError(path, expected=expected, found="more bytes", remedy="decompress the file and inspect it")
        yield begin + rest if (begin + rest).endswith(b"\n") else begin + rest + b"\n"


def locate(path: Path, order: int, row: int) -> tuple[int, bytes]:
    """Return the line number and the text of a row.

    If the section has fewer rows, return the line after the section. At the end of the file the text is empty.

    Args:
        path: the file.
        order: order of the n-grams of the section.
        row: number of the row in the section, from 0 on.
    """
    number = markers = 0
    with open_arpa(path) as file:
        for number, line in enumerate(file, 1):
            inside = markers == order + 1  # \data\, and one marker per section up to `order`, begin with a backslash
            if inside and (line.startswith(b"\\") or (line.strip() and row == 0)):
                return number, line
            markers += line.startswith(b"\\")
            row -= inside and bool(line.strip())
    return number, b""


def broken_line(path: Path, number: int, expected: str, line: bytes) -> InputError:
    """Return the InputError for a wrong line."""
    remedy = "correct the line; if the file was cut short, make it again"
    return InputError(f"{path}: line {number}", expected=expected, found=quoted(line), remedy=remedy)


def quoted(line: bytes) -> str:
    """Return a line in quotes, for a message; shorten a long line."""
    text = line.strip().decode(errors="replace")
    if not text:
        return "the end of the file"
    return repr(text if len(text) <= 80 else text[:80] + "...")
