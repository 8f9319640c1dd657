"""The text of an ARPA file: open it, read its header, divide it into blocks of lines, and locate rows for errors."""

import gzip
import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import IO, NamedTuple

from gradus.corpora.files import GZIP_FREE, GZIP_RATIO
from gradus.errors import InputError

BLOCK = 2**22
"""Bytes read at once."""

LINE = 2**20
"""Most bytes of a line beyond its block."""

HEADER_LINE, HEADER_LINES = 2**16, 10_000
"""Most bytes of a line before the n-grams, and most such lines."""


class SectionSize(NamedTuple):
    """The size of a section as the header announces it."""

    line: int
    """Number of the line in the file."""
    n_rows: int
    """Number of n-grams."""


def open_arpa(path: Path) -> IO[bytes]:
    """Open a file, through gzip if its first bytes say so.

    Raises:
        InputError: if there is no file.
    """
    if not path.is_file():
        raise InputError(path, expected="an ARPA file", found="no file", remedy="name one")
    return gzip.open(path, "rb") if _is_gzip(path) else path.open("rb")  # type: ignore[return-value]


def count_blocks(path: Path) -> int | None:
    """Return the number of blocks, or None for a compressed file."""
    return None if _is_gzip(path) else path.stat().st_size // BLOCK + 1


def _is_gzip(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(2) == b"\x1f\x8b"


def read_header(path: Path, file: IO[bytes]) -> list[SectionSize]:
    r"""Read up to `\1-grams:`; return the announced sizes of orders 1 to N.

    Raises:
        InputError: if the header is broken, with the line.
    """
    lines = enumerate(islice(iter(lambda: file.readline(HEADER_LINE), b""), HEADER_LINES), 1)
    number, text = next(((n, line.strip()) for n, line in lines if not re.match(rb"\s*(#|$)", line)), (0, b""))
    if text != b"\\data\\":
        raise broken_line(path, number, "\\data\\, the first line of ARPA files", text)
    sizes: list[SectionSize] = []
    for number, line in lines:
        text = line.strip()
        # the numbers of digits are bounded: int() of a million digits would take minutes
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
    """Read the rest of a file in blocks of whole lines; the last line may lack its newline.

    Raises:
        InputError: for very long lines, and for gzip files that expand to many times their size; both could fill the
            memory.
    """
    # bytes that may still be read: small files may expand freely, large ones by far more than text does
    left = max(GZIP_FREE, GZIP_RATIO * path.stat().st_size)
    while begin := file.read(BLOCK):
        rest = file.readline(LINE)
        left -= len(begin) + len(rest)
        if left < 0 or (len(rest) == LINE and not rest.endswith(b"\n")):
            expected = f"lines of at most {LINE} bytes, and at most {GZIP_RATIO} times the compressed size"
            raise InputError(path, expected=expected, found="more", remedy="decompress the file and inspect it")
        yield begin + rest if (begin + rest).endswith(b"\n") else begin + rest + b"\n"


def locate(path: Path, order: int, row: int) -> tuple[int, bytes]:
    """Return the number and the text of a row of a section.

    If the section ends before the row, this is the line that ends it, or an empty text at the end of the file.
    """
    number = markers = 0
    with open_arpa(path) as file:
        for number, line in enumerate(file, 1):
            inside = markers == order + 1  # after \data\ and the marker of each section up to this one
            if inside and (line.startswith(b"\\") or (line.strip() and row == 0)):
                return number, line
            markers += line.startswith(b"\\")
            row -= inside and bool(line.strip())
    return number, b""


def broken_line(path: Path, number: int, expected: str, line: bytes) -> InputError:
    """Return the error for a wrong line."""
    remedy = "correct it; or make the file again, if it was cut short"
    return InputError(f"{path}: line {number}", expected=expected, found=quoted(line), remedy=remedy)


def quoted(line: bytes) -> str:
    """Return a line in quotes, or its beginning if it is long."""
    text = line.strip().decode(errors="replace")
    if not text:
        return "the end of the file"
    return repr(text if len(text) <= 80 else text[:80] + "...")
