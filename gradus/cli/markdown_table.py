"""Read a table of the report, which is Markdown, as styled text for a terminal."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import unescape

from rich.text import Text

_MARKUP = re.compile(r"\*\*(?P<bold>.+?)\*\*|\*(?P<italic>.+?)\*|\[(?P<link>[^\]]*)\]\([^)]*\)")


@dataclass(frozen=True)
class MarkdownTable:
    """Table with a caption."""

    columns: Sequence[Text]
    """Headings of the columns."""
    numeric: Sequence[bool]
    """Whether a column is aligned to the right, as numbers are."""
    rows: Sequence[Sequence[Text]]
    """Cells of each row. The first cell names the row."""
    caption: str
    """Text below the table, as Markdown; the whole text if it has no table."""


def read_table(markdown: str) -> MarkdownTable:
    """Read what `gradus.reporting.table.Table.markdown` writes."""
    lines = markdown.splitlines()
    found = [_cells(line) for line in lines if line.startswith("|")]
    if len(found) < 2:
        return MarkdownTable([], [], [], markdown)
    # A table that somebody has edited can have rows of other lengths.
    columns, alignment, *rows = [[*cells, *[Text()] * len(found[0])][: len(found[0])] for cells in found]
    caption = "\n".join(line for line in lines if not line.startswith("|")).strip()
    return MarkdownTable(columns, [str(cell).endswith(":") for cell in alignment], rows, caption)


def _cells(line: str) -> list[Text]:
    return [_styled(cell.strip()) for cell in line.strip().removeprefix("|").removesuffix("|").split("|")]


def _styled(cell: str) -> Text:
    """Convert a cell to text; emphasis becomes a style, and of a link only its text remains."""
    text, end = Text(), 0
    for found in _MARKUP.finditer(cell):  # all other punctuation of Markdown is escaped as entities
        text.append(unescape(cell[end : found.start()]))
        style = str(found.lastgroup) if found.lastgroup != "link" else ""
        text.append(unescape(found[str(found.lastgroup)]), style=style)
        end = found.end()
    return text.append(unescape(cell[end:]))
