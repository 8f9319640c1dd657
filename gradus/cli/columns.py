"""Align text in columns, also if it has wide characters, such as Chinese ones."""

from collections.abc import Sequence


def width_of(text: str) -> int:
    """Return the number of terminal cells that a text takes."""
    from rich.cells import cell_len

    return cell_len(text)


def padded(text: str, width: int, *, right: bool = False) -> str:
    """Add spaces to a text up to a width in terminal cells: after the text, or before it if `right` is true."""
    space = " " * (width - width_of(text))
    return space + text if right else text + space


def aligned(rows: Sequence[Sequence[str]], right: int) -> list[str]:
    """Return rows of cells as lines with aligned columns.

    Args:
        rows: rows of equally many cells.
        right: number of columns at the end that are aligned to the right, such as numbers.
    """
    widths = [max(map(width_of, column)) for column in zip(*rows, strict=True)]
    first = len(widths) - right
    return [
        "  ".join(
            padded(cell, width, right=at >= first) for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
