"""Draw plots with one row of dots per name."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from matplotlib.axes import Axes

from gradus.reporting.drawing.axis_scales import LARGEST, log_ticks
from gradus.reporting.drawing.figure import INK, MUTED, WIDTH, Margins, add_labels, new_figure, place, size, write
from gradus.reporting.drawing.looks import Look
from gradus.reporting.drawing.row_legend import LEGEND_LINE, Sample, legend_rows, write_samples
from gradus.reporting.drawing.text_width import fitted, text_width

ROW = 15.5
"""Height of a row, in points."""
MOST = 150.0
"""Maximum width of a name, in points."""
LEAST_SHARE = 0.1
"""Share in per cent at which a share axis changes from linear to logarithmic. Below this share the axis is linear,
because a logarithmic axis cannot show zero."""


@dataclass(frozen=True)
class Row:
    """Row of a plot."""

    name: str
    look: Look
    """The dots have the colour of this look."""
    values: Sequence[float | None]
    """One value per kind of dot; None for a kind without a value."""
    text: str = ""
    """Text to the right of the dots."""


@dataclass(frozen=True)
class RowScale:
    """Axis of a plot of rows."""

    x: str
    """Label of the axis, with the unit."""
    lines: Sequence[tuple[str, float]] = ()
    """Names and places of vertical lines."""
    column: str = ""
    """Heading of the texts to the right of the dots."""
    shares: bool = False
    """Whether the values are shares in per cent. If so, the axis is linear near zero and logarithmic elsewhere, so that
    small shares are distinguishable. Otherwise, the axis is logarithmic."""


LINE_DASHES: tuple[tuple[float, ...], ...] = ((4.0, 2.0), (1.0, 1.5))
"""Dashes of the vertical lines."""


def row_plot(path: Path, rows: Sequence[Row], kinds: Sequence[tuple[str, str, bool]], scale: RowScale) -> None:
    """Draw a plot with one row of dots per name, and vertical lines.

    Args:
        path: the SVG file to write.
        rows: the rows, from top to bottom.
        kinds: name, marker and filling of each kind of dot.
        scale: the axis.
    """
    lines = [(name, at) for name, at in scale.lines if at <= LARGEST]
    samples = [Sample(name, marker, filled) for name, marker, filled in kinds]
    samples += [Sample(name, dash=LINE_DASHES[n % len(LINE_DASHES)]) for n, (name, _) in enumerate(lines)]
    names = [fitted(row.name, MOST) for row in rows]
    right = max(max(text_width(row.text) for row in rows), text_width(scale.column)) + 14 if scale.column else 10
    left = max(map(text_width, names)) + 9
    top = 8 + LEGEND_LINE * len(legend_rows(samples, WIDTH)) + (12 if scale.column else 0)
    with new_figure(path, height=top + ROW * len(rows) + 32) as axes:
        for number, row in enumerate(rows):
            _draw(axes, number, row, kinds)
        for number, (_, at) in enumerate(lines):
            axes.axvline(at, color=INK, dashes=LINE_DASHES[number % len(LINE_DASHES)], linewidth=1)
        axes.set_ylim(len(rows) - 0.5, -0.5)
        axes.set_yticks(range(len(rows)), [""] * len(rows))
        place(axes, Margins(left, right, top, 32))
        _scale(axes, scale)
        add_labels(axes, scale.x, "")
        write_samples(axes, samples)
        write(axes, (WIDTH - 4, size(axes)[1] - top + 6), scale.column, ha="right", color=MUTED)
        for number, row in enumerate(rows):
            y = size(axes)[1] - top - ROW * (number + 0.5)
            write(axes, (left - 6, y), names[number], ha="right")
            write(axes, (WIDTH - 4, y), row.text, ha="right")


def _draw(axes: Axes, number: int, row: Row, kinds: Sequence[tuple[str, str, bool]]) -> None:
    """Draw the dots of one row, and a line between two of them."""
    colour = row.look.light
    found = [value for value in row.values if value is not None and value <= LARGEST]
    if len(kinds) == 2 and len(found) == 2:
        axes.plot([min(found), max(found)], [number, number], color=colour, linewidth=1)
    for value, (_, marker, filled) in zip(row.values, kinds, strict=True):
        if value is not None and value <= LARGEST:
            (dot,) = axes.plot([value], [number], marker=marker, linestyle="", color=colour, markersize=5)
            dot.set_markerfacecolor(colour if filled else "none")


def _scale(axes: Axes, scale: RowScale) -> None:
    if scale.shares:
        axes.set_xscale("symlog", linthresh=LEAST_SHARE)
        # Margins, so that dots at 0% and 100% are drawn whole.
        axes.set_xlim(-LEAST_SHARE / 10, 130)
        axes.set_xticks(ticks := (0, LEAST_SHARE, 1, 10, 100), [f"{tick:g}" for tick in ticks])
        return
    axes.set_xscale("log")
    axes.margins(x=0.04)
    axes.get_xlim()
    log_ticks(axes.xaxis)
