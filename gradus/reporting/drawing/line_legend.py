"""Write the legend of a plot of lines, to the right of the lines and in the order of their last points."""

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from gradus.reporting.drawing.figure import INK, MUTED, add_line, size, write
from gradus.reporting.drawing.looks import Look
from gradus.reporting.drawing.text_width import fitted, text_width

LINE = 14.0
"""Distance of two lines of the legend, in points."""
HANDLE = 18.0
"""Width of the sample of a line, in points."""
MOST = 150.0
"""Maximum width of a name, in points."""


@dataclass(frozen=True)
class Entry:
    """Entry of the legend."""

    name: str
    look: Look
    note: str
    """Text below the name; empty for none."""
    last: tuple[float, float] | None
    """Last point (x, y) of the line; None for a line without points, whose entry is at the bottom."""


def legend_width(lines: Sequence[Entry]) -> float:
    """Return the width of the legend, in points."""
    return HANDLE + 16 + max(text_width(text) for line in lines for text in _texts(line))


def _texts(line: Entry) -> list[str]:
    return [fitted(line.name, MOST), *([fitted(line.note, MOST)] if line.note else [])]


def write_legend(axes: Axes, lines: Sequence[Entry]) -> None:
    """Write the legend of axes that are at their final place."""
    width, height = size(axes)
    box = axes.get_position()
    bottom, top = box.y0 * height, box.y1 * height
    wanted = [bottom if line.last is None else float(axes.transData.transform(line.last)[1]) for line in lines]
    order = sorted(range(len(lines)), key=lambda n: (lines[n].last is None, -wanted[n]))
    gaps = [LINE * len(_texts(lines[n])) for n in order]
    heights = spread([wanted[n] for n in order], gaps, bottom, top + 6)
    left = box.x1 * width + 8
    for n, y in zip(order, heights, strict=True):
        look = lines[n].look
        sample = Line2D([], [], color=look.light, marker=look.marker, markevery=[1])
        sample.set_dashes(look.dash or (None, None))
        add_line(axes, sample, [(left, y), (left + HANDLE / 2, y), (left + HANDLE, y)])
        for row, text in enumerate(_texts(lines[n])):
            write(axes, (left + HANDLE + 5, y - LINE * row), text, color=MUTED if row else INK)


def spread(wanted: Sequence[float], gaps: Sequence[float], bottom: float, top: float) -> list[float]:
    """Return heights near the wanted ones, from top to bottom, that leave each label its gap to the next one below.

    Args:
        wanted: wanted heights, in descending order.
        gaps: distance from each label to the next one.
        bottom: lowest height of the bottom of the last label, unless there is too little space.
        top: greatest height.
    """
    heights: list[float] = []
    for n, height in enumerate(wanted):
        heights.append(min(height, top if n == 0 else heights[-1] - gaps[n - 1]))
    above = bottom
    for n in reversed(range(len(heights))):
        above = heights[n] = max(heights[n], above + (gaps[n] - LINE if n == len(heights) - 1 else gaps[n]))
    return heights
