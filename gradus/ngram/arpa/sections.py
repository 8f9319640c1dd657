"""Read the sections of an ARPA file. Each section lists the n-grams of one order."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TypeVar

from gradus.errors import InputError
from gradus.ngram.arpa.fields import Rows, parse_rows
from gradus.ngram.arpa.ngram_list import EntryError, NgramList, concatenate
from gradus.ngram.arpa.text_file import SectionSize, broken_line, locate
from gradus.ngram.arpa.vocabulary import Vocabulary, look_up, read_vocabulary
from gradus.ngram.threads import in_threads

Parsed = TypeVar("Parsed", Rows, NgramList)

_END = b"\\end\\"


def read_sections(
    path: Path, sizes: Sequence[SectionSize], blocks: Iterable[bytes]
) -> tuple[list[NgramList], Vocabulary]:
    r"""Read the n-grams of every order, and the vocabulary.

    Args:
        path: the file, to name in errors.
        sizes: result of `read_header`.
        blocks: the text after `\1-grams:`, in blocks of whole lines.
    Raises:
        EntryError: if an n-gram cannot be parsed.
        InputError: if the size of a section differs from the header, or a section ends with a wrong line.
    """
    sections = _Sections(blocks)
    # all 1-grams first, because they define the ids that longer n-grams are converted to
    row_batches = list(sections.read(partial(parse_rows, order=1)))
    _require_complete(path, sizes, 1, sum(len(rows.words) for rows in row_batches), sections.marker)
    unigrams, vocabulary = read_vocabulary(path, row_batches)
    orders = [unigrams]
    for n in range(2, len(sizes) + 1):
        orders.append(concatenate(sections.read(partial(_parse_ngrams, n, vocabulary)), n))
        _require_complete(path, sizes, n, len(orders[-1].words), sections.marker)
    return orders, vocabulary


def _parse_ngrams(order: int, vocabulary: Vocabulary, lines: bytes) -> NgramList:
    return look_up(parse_rows(lines, order), order, vocabulary)


def _require_complete(path: Path, sizes: Sequence[SectionSize], order: int, n_rows: int, marker: bytes) -> None:
    """Raise InputError if a section has the wrong size, or the line after the section is wrong."""
    announced = sizes[order - 1]
    expected = b"\\%d-grams:" % (order + 1) if order < len(sizes) else _END
    # without a marker the file was cut short; the error below says so, and a wrong size would only be a consequence
    if marker and n_rows != announced.n_rows:
        raise InputError(
            f"{path}: line {announced.line}",
            expected=f"ngram {order}={n_rows}, the number of n-grams in the file",
            found=f"ngram {order}={announced.n_rows}",
            remedy="correct the number; if n-grams are missing, make the file again",
        )
    if marker != expected:
        number, line = locate(path, order, n_rows)
        raise broken_line(path, number, expected.decode(), line)


class _Sections:
    r"""Iterator over the rows of a file, one section after the other.

    Attributes:
        marker: the line after the most recent section, such as `\2-grams:` or `\end\`; empty at the end of the file.
    """

    def __init__(self, blocks: Iterable[bytes]) -> None:
        self.marker = b""
        self._pieces = _split_at_markers(blocks)

    def read(self, parse: Callable[[bytes], Parsed]) -> Iterator[Parsed]:
        """Call `parse` on blocks of lines of the next section; yield the results in order."""
        n_rows = 0
        try:
            for parsed in in_threads(parse, self._section()):
                yield parsed
                n_rows += len(parsed.words)
        except EntryError as error:
            error.row += n_rows  # `parse` counts rows from the start of the block
            raise

    def _section(self) -> Iterator[bytes]:
        self.marker = b""
        for piece in self._pieces:
            if piece.startswith(b"\\"):
                self.marker = piece.strip()
                return
            yield piece


def _split_at_markers(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """Split blocks of lines before and after each line that begins with a backslash; yield the pieces."""
    for lines in blocks:
        begin = 0
        while begin < len(lines):
            if lines.startswith(b"\\", begin):
                end = lines.index(b"\n", begin) + 1
            else:
                end = lines.find(b"\n\\", begin) + 1 or len(lines)
            yield lines[begin:end]
            begin = end
