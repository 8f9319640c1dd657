"""Fit a table into a terminal without cutting or wrapping a name or a number."""

from collections.abc import Sequence
from typing import Literal

from rich import box
from rich.cells import cell_len
from rich.console import Console, Group, RenderableType
from rich.markdown import Markdown
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from gradus.cli.markdown_table import MarkdownTable
from gradus.cli.table_blocks import GAP, column_blocks, column_widths

_INDENT = 2


def print_table(console: Console, table: MarkdownTable) -> None:
    """Print a table with its caption; every row takes one line, or more if it ends with a sentence.

    Columns that do not fit beside the others follow in a second table below, with the names of the rows again. If a
    table has sentences, or only its names fill the terminal, each row becomes a list instead, one line per column.
    """
    widths = column_widths(table, console.width)
    blocks = column_blocks(table, widths, console.width)
    for number, block in enumerate(blocks):
        if number:
            hint = f"Wider than {console.width} columns; the other columns follow."
            console.print(Text(hint, style="italic"), Text())
        console.print(_grid(table, block, widths), Text())
    for row in table.rows if not blocks else ():
        console.print(Text(style="bold").append_text(row[0]), _record(table, row, console.width), Text())
    console.print(Markdown(table.caption))


def _grid(table: MarkdownTable, block: Sequence[int], widths: Sequence[int]) -> Table:
    grid = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0))
    for column in block:
        justify: Literal["left", "right"] = "right" if table.numeric[column] else "left"
        grid.add_column(table.columns[column], justify=justify, width=widths[column], overflow="fold")
    for row in table.rows:
        grid.add_row(*(row[column] for column in block))
    return grid


def _record(table: MarkdownTable, row: Sequence[Text], width: int) -> RenderableType:
    """Put the heading of each cell before it, or above it if its longest word needs the width."""
    pairs = [(heading, cell) for heading, cell in zip(table.columns[1:], row[1:], strict=True) if cell]
    heading_width = max((heading.cell_len for heading, _ in pairs), default=0)
    word_width = max((cell_len(word) for _, cell in pairs for word in str(cell).split()), default=0)
    if _INDENT + heading_width + GAP + word_width > width:
        indents = (_INDENT, 2 * _INDENT)
        lines = [Padding(text, (0, 0, 0, indent)) for pair in pairs for text, indent in zip(pair, indents, strict=True)]
        return Group(*lines)
    record = Table.grid(padding=(0, GAP, 0, 0), pad_edge=False)
    for heading, cell in pairs:
        record.add_row(heading, cell)
    return Padding(record, (0, 0, 0, _INDENT))
