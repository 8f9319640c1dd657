"""Draw plots of lines."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from matplotlib.axes import Axes

from gradus.reporting.drawing.axis_scales import LARGEST, linear_ticks, log_ticks
from gradus.reporting.drawing.figure import Margins, add_labels, new_figure, place, size, widest
from gradus.reporting.drawing.line_legend import LINE, Entry, legend_width, write_legend
from gradus.reporting.drawing.looks import Look
from gradus.reporting.drawing.text_width import fitted

Point = tuple[float, float, float, float]
"""Point (x, y) with the lower and the upper bound of its interval. Both bounds are y if the value has no interval."""

MOST_BARS = 12
"""Maximum number of points of a line that have a bar and a marker each. The interval of a longer line is a band."""


@dataclass(frozen=True)
class Line:
    """Line of a plot."""

    name: str
    look: Look
    points: Sequence[Point]
    note: str = ""
    """Text after the name in the legend, such as what the plot cannot show of this line."""


@dataclass(frozen=True)
class Scales:
    """Labels and scales of the axes."""

    x: str
    """Label of the horizontal axis, with the unit."""
    y: str
    """Label of the vertical axis, with the unit."""
    log_x: bool = False
    log_y: bool = False
    ticks: Sequence[str] = ()
    """Names of the categories at x = 0, 1, 2, ...; empty if x is a number."""
    whole: bool = False
    """Whether x is a whole number."""


def exact(points: Sequence[tuple[float, float]]) -> list[Point]:
    """Return points without intervals."""
    return [(x, y, y, y) for x, y in points]


def shown_points(points: Sequence[Point], scales: Scales) -> list[Point]:
    """Return the points that the axes can show: finite numbers, and on logarithmic axes positive ones."""
    return [
        point
        for point in points
        if (point[0] > 0 or not scales.log_x) and (point[1] > 0 or not scales.log_y) and max(map(abs, point)) <= LARGEST
    ]


def line_plot(path: Path, lines: Sequence[Line], scales: Scales) -> None:
    """Draw a plot with one line per series, and the interval of every point.

    The legend is to the right of the lines. Its order, and as far as possible its heights, are those of the lines' last
    points.

    Args:
        path: the SVG file to write.
        lines: the lines.
        scales: labels and scales of the axes.
    """
    drawn = [shown_points(line.points, scales) for line in lines]
    names = sum(2 if line.note else 1 for line in lines)
    with new_figure(path, height=max(250.0, 66 + LINE * names)) as axes:
        for line, points in zip(lines, drawn, strict=True):
            _draw(axes, line.look, points, log=scales.log_y)
        _scale(axes, scales, drawn)
        entries = [
            Entry(line.name, line.look, line.note, points[-1][:2] if points else None)
            for line, points in zip(lines, drawn, strict=True)
        ]
        right = legend_width(entries) if len(lines) > 1 else max(8.0, widest(axes.get_xticklabels()[-1:]) / 2)
        place(axes, Margins(widest(axes.get_yticklabels()) + 9, right, 24, 32))
        if scales.ticks:
            slot = (size(axes)[0] - right) / len(scales.ticks)
            axes.set_xticks(range(len(scales.ticks)), [fitted(name, slot - 4) for name in scales.ticks])
        add_labels(axes, scales.x, f"{scales.y} (log scale)" if scales.log_y else scales.y)
        if len(lines) > 1:
            write_legend(axes, entries)


def _draw(axes: Axes, look: Look, points: Sequence[Point], *, log: bool) -> None:
    """Draw one line, with bars or a band for its intervals."""
    xs, ys = [point[0] for point in points], [point[1] for point in points]
    # The results of a stranger can have a mean outside of its interval. On a logarithmic axis a bar cannot reach zero.
    lows = [max(min(low, y), y / 1e3 if log else -LARGEST) for _, y, low, _ in points]
    highs = [max(high, y) for _, y, _, high in points]
    if len(points) > MOST_BARS:
        axes.fill(xs + xs[::-1], lows + highs[::-1], color=look.light, alpha=0.15, linewidth=0)
    elif lows != highs:
        bars = [[value for x in xs for value in (x, x, math.nan)], []]
        bars[1] = [value for pair in zip(lows, highs, strict=True) for value in (*pair, math.nan)]
        axes.plot(*bars, color=look.light, linewidth=1, marker="")
    every = max(1, math.ceil(len(points) / MOST_BARS))
    axes.plot(xs, ys, color=look.light, dashes=look.dash or (None, None), marker=look.marker, markevery=every)


def _scale(axes: Axes, scales: Scales, drawn: Sequence[Sequence[Point]]) -> None:
    """Set the scales and the ticks. matplotlib cannot scale a logarithmic axis without a value."""
    axes.margins(x=0.03)
    xs = sorted({point[0] for points in drawn for point in points})
    if scales.log_x and xs:
        axes.set_xscale("log")
        axes.get_xlim()
        apart = all(right >= 1.3 * left for left, right in zip(xs, xs[1:], strict=False))
        log_ticks(axes.xaxis, xs if apart and len(xs) <= 8 else ())
    else:
        linear_ticks(axes.xaxis, whole=scales.whole)
    if scales.log_y and xs:
        axes.set_yscale("log")
        axes.get_ylim()
        log_ticks(axes.yaxis)
    else:
        linear_ticks(axes.yaxis)
