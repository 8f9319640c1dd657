"""Draw attention weights as a matrix of cells."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import PathPatch
from matplotlib.path import Path as Outline

from gradus.reporting.drawing.figure import INK, RULE, Margins, add_line, new_figure, place, size, write
from gradus.reporting.drawing.palette import LINES
from gradus.reporting.drawing.text_width import SIZE, fitted, text_width

MOST_PIECES = 80
"""Maximum number of source pieces, and of target pieces, in an attention plot."""
WIDEST = 745.0
"""Maximum width of an attention plot in points: a little less than 1000 pixels of a page."""
LEVELS = 20
"""Number of visible strengths of the colour. A weight is rounded to a multiple of 1 / 20."""

LONGEST = 90.0
"""Maximum width of a piece, in points."""

_COLOUR = LINES["blue"].light
_SCALE = 64.0


@dataclass(frozen=True)
class _Grid:
    """Place and size of the cells, in points."""

    left: float
    """Distance from the left edge of the plot."""
    top: float
    """Distance from the upper edge of the plot."""
    width: float
    """Width of a cell."""
    height: float
    """Height of a cell."""


def attention_plot(path: Path, src: Sequence[str], tgt: Sequence[str], weights: Sequence[Sequence[float]]) -> None:
    """Draw attention weights as a matrix of cells, in which a stronger colour is a larger weight.

    Args:
        path: the SVG file to write.
        src: the S source pieces, one per column; the plot shows only the first `MOST_PIECES`.
        tgt: the T target pieces, one per row; the plot shows only the first `MOST_PIECES`.
        weights: attention weights, shape (T, S); each row is a probability distribution.
    """
    columns, rows = ([fitted(piece, LONGEST) for piece in pieces[:MOST_PIECES]] for pieces in (src, tgt))
    # The source pieces are written at 60 degrees, so their width is half their length.
    over = max(0.5 * text_width(name) - 19 * (len(columns) - n - 1) for n, name in enumerate(columns))
    right = max(_SCALE, over + 12)
    left = max(text_width("translation ↓") + 4, *map(text_width, rows)) + 10
    grid = _Grid(
        left,
        max(30.0, max(map(text_width, columns)) + 12),
        min(19.0, (WIDEST - left - right) / len(columns)),
        min(16.0, max(9.5, 600 / len(rows))),
    )
    height = grid.top + max(grid.height * len(rows), 80.0) + 8
    with new_figure(path, width=left + grid.width * len(columns) + right, height=height) as axes:
        place(axes, Margins(left, right, grid.top, height - grid.top - grid.height * len(rows)))
        axes.set(xlim=(0, len(columns)), ylim=(len(rows), 0), xticks=[], yticks=[])
        axes.spines["bottom"].set_visible(False)
        _draw_cells(axes, [row[:MOST_PIECES] for row in weights[:MOST_PIECES]])
        _write_pieces(axes, columns, rows, grid)
        _draw_scale(axes, size(axes)[0] - _SCALE + 14, height - grid.top)


def _draw_cells(axes: Axes, weights: Sequence[Sequence[float]]) -> None:
    """Draw the cells of each strength as one path; a grid shows the cells whose weight is rounded to zero."""
    levels: dict[int, list[Outline]] = {}
    for row, values in enumerate(weights):
        for column, weight in enumerate(values):
            corners = [(column, row), (column + 1, row), (column + 1, row + 1), (column, row + 1), (column, row)]
            levels.setdefault(round(LEVELS * weight), []).append(Outline(corners, closed=True))
    for level, cells in sorted(levels.items()):
        if level > 0:
            outline = Outline.make_compound_path(*cells)
            axes.add_patch(PathPatch(outline, facecolor=_COLOUR, alpha=min(1.0, level / LEVELS), linewidth=0))
    across, down = len(weights[0]) if weights else 0, len(weights)
    for column in range(across + 1):
        axes.plot([column, column], [0, down], color=RULE, linewidth=0.5)
    for row in range(down + 1):
        axes.plot([0, across], [row, row], color=RULE, linewidth=0.5)


def _write_pieces(axes: Axes, columns: Sequence[str], rows: Sequence[str], grid: _Grid) -> None:
    """Write the pieces beside their rows and above their columns, and the names of the axes in the corner."""
    left, top = grid.left, size(axes)[1] - grid.top
    for number, name in enumerate(rows):
        at = (left - 5, top - grid.height * (number + 0.5))
        write(axes, at, name, ha="right", size=min(SIZE, grid.height - 1))
    angle = 60 if grid.width > 12 else 90
    for number, name in enumerate(columns):
        at = (left + grid.width * (number + 0.5) + 3, top + 7)
        write(axes, at, name, rotation=angle, rotation_mode="anchor", size=min(SIZE, grid.width))
    write(axes, (left - 5, size(axes)[1] - 10), "source →", ha="right", weight="bold")
    write(axes, (left - 5, top + 8), "translation ↓", ha="right", weight="bold")


def _draw_scale(axes: Axes, x: float, y: float) -> None:
    """Draw the scale of the colour below the height `y`, with the weights 0, 0.5 and 1."""
    step = 60.0 / LEVELS
    for level in range(1, LEVELS + 1):
        bar = Line2D([], [], color=_COLOUR, linewidth=step, alpha=level / LEVELS, solid_capstyle="butt")
        at = y - 74 + step * (level - 0.5)
        add_line(axes, bar, [(x, at), (x + 10, at)])
    frame = [(x, y - 74), (x + 10, y - 74), (x + 10, y - 14), (x, y - 14), (x, y - 74)]
    add_line(axes, Line2D([], [], color=INK, linewidth=0.5), frame)
    write(axes, (x, y + 10), "attention")
    write(axes, (x, y - 1), "weight")
    for value in (0.0, 0.5, 1.0):
        write(axes, (x + 14, y - 74 + 60 * value), f"{value:g}")
