"""ARPA files as KenLM, SRILM and others write them, plain or compressed by gzip, back into models.

What is accepted is what their own readers accept: fields apart by any blanks, rows in any order, back-offs left out.
"""

import gzip
import re
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from pathlib import Path
from typing import IO, TypeVar

import numpy as np

from gradus.corpora.files import GZIP_FREE, GZIP_RATIO
from gradus.errors import InputError
from gradus.ngram.arpa.fields import Rows, parse_rows
from gradus.ngram.arpa.mass import MOST, Mass, largest_masses
from gradus.ngram.arpa.ngram_list import EntryError, Listed, assemble, joined, parents_of, words_of
from gradus.ngram.arpa.vocabulary import Vocabulary, look_up, read_vocabulary
from gradus.ngram.scoring.model import NgramModel, lengths_of
from gradus.ngram.threads import in_threads
from gradus.ngram.trie import ROOT
from gradus.progress import Track, silent
from gradus.text.special import BOS_ID, PAD_ID, UNK_ID

Part = TypeVar("Part", Rows, Listed)

_BLOCK = 2**22  # bytes read at once
_LINE = 2**20  # bytes of a line beyond its block, at most
_HEADER_LINE, _HEADER_LINES = 2**16, 10_000  # bytes of a line before the n-grams, and lines, at most
_END = b"\\end\\"


@dataclass(frozen=True)
class ArpaModel:
    """What an ARPA file holds.

    Attributes:
        model: of kind `arpa`; all words but PAD, UNK and BOS count as observed.
        pieces: the special pieces, then the words in the order of the file's 1-grams: one for every id.
        warnings: what was read in another way than it is written.
    """

    model: NgramModel
    pieces: list[str]
    warnings: list[str]


def read_arpa(path: Path, track: Track = silent) -> ArpaModel:
    """Read a model in ARPA format.

    A log-probability or a back-off of -inf or -99 is that of zero; a back-off that is not written is 0. BOS is
    never predicted, whatever the file says. A suffix of an n-gram that the file does not list becomes an n-gram of
    the model, with what backing off gives, so that scores are the same. Without <unk> its probability is 1e-100.

    Args:
        path: the file; its first bytes tell whether it is compressed.
        track: shows how far it is read.
    Raises:
        InputError: if the file is broken, with the line.
    """
    try:
        with _opened(path) as file:
            sizes = _read_header(path, file)
            sections = _Sections(track(_blocks(path, file), "reading", _n_blocks(path)))
            orders, vocabulary = _read_sections(path, sizes, sections)
        arpa = _model(orders, vocabulary)
        return replace(arpa, warnings=[*arpa.warnings, *_mass_warnings(path, arpa)])
    except EntryError as error:
        number, line = _locate(path, error.order, error.row)
        where, found = f"{path}: line {number}", error.found or _quoted(line)
        raise InputError(where, expected=error.expected, found=found, remedy=error.remedy) from None
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise InputError(path, expected="a whole gzip file", found=str(error), remedy="make the file again") from None
    except OSError as error:
        raise InputError(
            path, expected="an ARPA file", found=str(error), remedy="name a file that can be read"
        ) from None


def _model(orders: Sequence[Listed], vocabulary: Vocabulary) -> ArpaModel:
    size = len(vocabulary.pieces)
    for listed in orders:
        listed.log_probs[listed.words[:, -1] == BOS_ID] = -np.inf
    warnings = list(vocabulary.warnings)
    weighted = np.count_nonzero(orders[-1].log_weights)
    if weighted:
        warnings.append(f"{weighted} {len(orders)}-grams have a back-off, of no use at the highest order: left out")
    trie, tables = assemble(orders, size)
    observed = ~np.isin(np.arange(size), [PAD_ID, UNK_ID, BOS_ID])
    return ArpaModel(NgramModel("arpa", trie, tables, observed, 1.0), vocabulary.pieces, warnings)


def _mass_warnings(path: Path, arpa: ArpaModel) -> list[str]:
    """Return a warning if probabilities sum to more than 1 after some history.

    Raises:
        InputError: if those words alone do that are not listed after a history: its back-off is no back-off.
    """
    total, others = largest_masses(arpa.model.trie, arpa.model.tables)
    if others.value > MOST:
        found = f"one {_after(arpa, others)} by which words that are not listed there get {others.value:.3g} together"
        remedy = "correct it, or make the file again; the numbers are decimal logarithms"
        raise InputError(path, expected="back-offs that leave probabilities", found=found, remedy=remedy)
    if total.value <= MOST:
        return []
    return [f"the probabilities {_after(arpa, total)} sum to {total.value:.3g}: perplexities come out too low"]


def _after(arpa: ArpaModel, mass: Mass) -> str:
    trie = arpa.model.trie
    node = np.array([mass.node])
    words = words_of(trie, parents_of(trie), node, int(lengths_of(trie, node)[0]))[0]
    return f"after {' '.join(arpa.pieces[word] for word in words)!r}" if mass.node != ROOT else "of the 1-grams"


def _read_sections(
    path: Path, sizes: Sequence[tuple[int, int]], sections: "_Sections"
) -> tuple[list[Listed], Vocabulary]:
    """Read the n-grams of every order; `sizes` are lines of the header, and how many n-grams they promise."""
    unigrams = list(sections.read(partial(parse_rows, order=1)))
    _check_section(path, sizes, 1, sum(len(rows.words) for rows in unigrams), sections.marker)
    listed, vocabulary = read_vocabulary(path, unigrams)
    orders = [listed]
    for n in range(2, len(sizes) + 1):
        rows = sections.read(partial(_read_rows, n, vocabulary))
        orders.append(joined(rows, n))
        _check_section(path, sizes, n, len(orders[-1].words), sections.marker)
    return orders, vocabulary


def _read_rows(order: int, vocabulary: Vocabulary, lines: bytes) -> Listed:
    return look_up(parse_rows(lines, order), order, vocabulary)


def _check_section(path: Path, sizes: Sequence[tuple[int, int]], order: int, found: int, marker: bytes) -> None:
    """Refuse a section of the wrong size, or one that another line ends than should."""
    number, size = sizes[order - 1]
    expected = b"\\%d-grams:" % (order + 1) if order < len(sizes) else _END
    if marker and found != size:
        raise InputError(
            f"{path}: line {number}",
            expected=f"ngram {order}={found}, as many as there are",
            found=f"ngram {order}={size}",
            remedy="correct it; or make the file again, if n-grams are missing",
        )
    if marker != expected:
        number, line = _locate(path, order, found)
        raise _broken(path, number, expected.decode(), line)


class _Sections:
    """The rows of a file, section by section.

    Attributes:
        marker: the line that ended the last section, which begins with a backslash; empty at the end of the file.
    """

    def __init__(self, blocks: Iterable[bytes]) -> None:
        self.marker = b""
        self._pieces = _pieces(blocks)

    def read(self, work: Callable[[bytes], Part]) -> Iterator[Part]:
        """Yield what some work makes of the lines of the next section, thousands at once."""
        n_rows = 0
        try:
            for part in in_threads(work, self._section()):
                yield part
                n_rows += len(part.words)
        except EntryError as error:
            error.row += n_rows
            raise

    def _section(self) -> Iterator[bytes]:
        self.marker = b""
        for piece in self._pieces:
            if piece.startswith(b"\\"):
                self.marker = piece.strip()
                return
            yield piece


def _pieces(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """Cut blocks of lines: one that begins with a backslash alone, others as many as a block has."""
    for lines in blocks:
        begin = 0
        while begin < len(lines):
            if lines.startswith(b"\\", begin):
                end = lines.index(b"\n", begin) + 1
            else:
                end = lines.find(b"\n\\", begin) + 1 or len(lines)
            yield lines[begin:end]
            begin = end


def _blocks(path: Path, file: IO[bytes]) -> Iterator[bytes]:
    """Read whole lines, of which the last may lack its newline; a file made to fill the memory is refused."""
    left = max(GZIP_FREE, GZIP_RATIO * path.stat().st_size)
    while begin := file.read(_BLOCK):
        rest = file.readline(_LINE)
        left -= len(begin) + len(rest)
        if left < 0 or (len(rest) == _LINE and not rest.endswith(b"\n")):
            expected = f"lines of at most {_LINE} bytes, compressed to a {GZIP_RATIO}th at least"
            raise InputError(path, expected=expected, found="more", remedy="decompress it, and look what it is")
        yield begin + rest if (begin + rest).endswith(b"\n") else begin + rest + b"\n"


def _n_blocks(path: Path) -> int | None:
    return None if _is_gzip(path) else path.stat().st_size // _BLOCK + 1


def _opened(path: Path) -> IO[bytes]:
    if not path.is_file():
        raise InputError(path, expected="an ARPA file", found="no file", remedy="name one")
    return gzip.open(path, "rb") if _is_gzip(path) else path.open("rb")  # type: ignore[return-value]


def _is_gzip(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(2) == b"\x1f\x8b"


def _read_header(path: Path, file: IO[bytes]) -> list[tuple[int, int]]:
    r"""Read up to `\1-grams:`; return for every order the line of the header, and the n-grams that it promises."""
    lines = enumerate(islice(iter(lambda: file.readline(_HEADER_LINE), b""), _HEADER_LINES), 1)
    nothing = (0, b"")
    number, text = next(((n, line.strip()) for n, line in lines if not re.match(rb"\s*(#|$)", line)), nothing)
    if text != b"\\data\\":
        raise _broken(path, number, "\\data\\, with which ARPA files begin", text)
    sizes: list[tuple[int, int]] = []
    for number, line in lines:
        text = line.strip()
        match = re.fullmatch(rb"ngram\s+(\d{1,9})\s*=\s*(\d{1,18})", text)
        if text == b"\\1-grams:" and sizes:
            return sizes
        if match and int(match[1]) == len(sizes) + 1:
            sizes.append((number, int(match[2])))
        elif text:
            wanted = f"ngram {len(sizes) + 1}=COUNT" + " or \\1-grams:" * bool(sizes)
            raise _broken(path, number, wanted, text)
    raise _broken(path, number, "\\1-grams:", b"")


def _broken(path: Path, number: int, expected: str, line: bytes) -> InputError:
    remedy = "correct it; or make the file again, if it was cut short"
    return InputError(f"{path}: line {number}", expected=expected, found=_quoted(line), remedy=remedy)


def _quoted(line: bytes) -> str:
    """Return a line, or its beginning."""
    text = line.strip().decode(errors="replace")
    if not text:
        return "the end of the file"
    return repr(text if len(text) <= 80 else text[:80] + "...")


def _locate(path: Path, order: int, row: int) -> tuple[int, bytes]:
    """Return the number and the text of a section's row, or of the line that ends it before; empty at the end."""
    number = markers = 0
    with _opened(path) as file:
        for number, line in enumerate(file, 1):
            inside = markers == order + 1  # after \data\ and the sections' own lines
            if inside and (line.startswith(b"\\") or (line.strip() and row == 0)):
                return number, line
            markers += line.startswith(b"\\")
            row -= inside and bool(line.strip())
    return number, b""
