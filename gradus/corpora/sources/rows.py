"""Write the rows of a table of sentences as text files, one sentence per line."""

import re
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from gradus.corpora.files import Log
from gradus.corpora.sources.source import Unreachable
from gradus.errors import RunError

_LINE_ENDS = re.compile(r"\r\n?|\n")
_REFUSED = re.compile(r"[\r\n\0\ufeff]+")
"""Characters that `read_lines` refuses, or that would end a line."""


def write_rows(rows: Iterable[Sequence[Any]], paths: Sequence[Path], largest: int, origin: str, log: Log) -> None:
    """Write one file per language.

    With one language, every line of a row becomes a line, and blank lines are kept. With more languages, a line break
    inside a sentence becomes a space, so that the files stay aligned; rows in which a sentence is blank are left out,
    and `log` reports their number.

    Args:
        rows: one text per language; None counts as blank.
        paths: one file per language, in the same order.
        largest: maximum size of a file in bytes.
        origin: name of the source, for messages.
        log: called with the number of rows that are left out.
    Raises:
        RunError: if a file would be larger than `largest`.
        Unreachable: if a value is not text.
    """
    left, blank = [largest] * len(paths), 0
    with ExitStack() as stack:
        files = [stack.enter_context(path.open("wb")) for path in paths]
        for row in rows:
            lines = _lines(row, origin)
            if len(paths) > 1 and not all(lines):
                blank += 1
                continue
            for column, line in enumerate(lines):
                data = f"{line}\n".encode()
                left[column] -= len(data)
                if left[column] < 0:
                    raise RunError(f"{origin}: expected at most {largest} bytes of text in a file, found more")
                files[column].write(data)
    if blank:
        log(f"{origin}: {blank} rows with a blank sentence are left out")


def _lines(row: Sequence[Any], origin: str) -> list[str]:
    """Return the text of each language, without characters that gradus refuses."""
    for text in row:
        if not isinstance(text, str | None):
            raise Unreachable(f"{origin} has {type(text).__name__} where text is expected; choose another column")
    if len(row) > 1:
        return [_REFUSED.sub(" ", text or "").strip() for text in row]
    lines = _LINE_ENDS.split(row[0] or "")
    if len(lines) > 1 and not lines[-1]:  # the end of the last line, not a blank line after it
        lines.pop()
    return ["\n".join(_REFUSED.sub("", line) for line in lines)]
