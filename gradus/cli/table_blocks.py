"""Choose which columns of a table stand beside each other, so that no name and no number is cut."""

from collections.abc import Iterator, Sequence

from rich.cells import cell_len

from gradus.cli.markdown_table import MarkdownTable

GAP = 2
"""Spaces between two columns."""
_LONG = 40
"""Width of a cell from which on it is a sentence and not a name or a number."""


def column_widths(table: MarkdownTable, width: int) -> list[int]:
    """Return the width of every column. If not all fit into `width`, headings and one column of sentences wrap."""
    widths = _widths(table, [heading.cell_len for heading in table.columns])
    if _total(widths) <= width:
        return widths
    widths = _widths(table, [max(map(cell_len, str(heading).split()), default=0) for heading in table.columns])
    sentences = [number for number, each in enumerate(widths) if each > _LONG]
    room = width - _total(widths) + sum(widths[number] for number in sentences)
    if len(sentences) == 1 and room >= _LONG:
        widths[sentences[0]] = min(room, widths[sentences[0]])
    return widths


def column_blocks(table: MarkdownTable, widths: Sequence[int], width: int) -> list[list[int]]:
    """Return lists of numbers of columns; each begins with the columns that name a row and fits into `width`.

    The list is empty if a table has sentences, or if its names leave no space for another column.
    """
    return list(_blocks(widths, _names(table), width))


def _widths(table: MarkdownTable, headings: Sequence[int]) -> list[int]:
    return [max([heading, *(row[number].cell_len for row in table.rows)]) for number, heading in enumerate(headings)]


def _names(table: MarkdownTable) -> int:
    """Return the number of columns that name a row: all before the first numbers, and at least the first."""
    return max(1, [*table.numeric, True].index(True))


def _total(widths: Sequence[int]) -> int:
    return sum(widths) + GAP * (len(widths) - 1)


def _blocks(widths: Sequence[int], names: int, width: int) -> Iterator[list[int]]:
    first, others = list(range(names)), range(names, len(widths))
    if widths and _total(widths) <= width:
        yield [*first, *others]
        return
    widest = _total([*widths[:names], max(widths[names:], default=0)])
    if not widths or widest > width or max(widths) > _LONG:
        return
    block = list(first)
    for column in others:
        if _total([widths[other] for other in [*block, column]]) > width:
            yield block
            block = list(first)
        block.append(column)
    yield block
