"""Draw plots of bars."""

from collections.abc import Sequence
from pathlib import Path

from gradus.reporting.drawing.axis_scales import linear_ticks
from gradus.reporting.drawing.figure import WIDTH, Margins, add_labels, new_figure, place, widest
from gradus.reporting.drawing.in_words import amount
from gradus.reporting.drawing.palette import LINES
from gradus.reporting.drawing.text_width import fitted, text_width


def bar_plot(path: Path, names: Sequence[str], values: Sequence[float], *, x: str, y: str) -> None:
    """Draw a plot with one bar per name. The value of a bar is written above the bar, if there is space.

    Args:
        path: the SVG file to write.
        names: names of the bars, from left to right.
        values: heights of the bars.
        x: label of the horizontal axis.
        y: label of the vertical axis, with the unit.
    """
    with new_figure(path, height=190.0) as axes:
        bars = axes.bar(range(len(names)), values, 0.6, color=LINES["blue"].light)
        axes.margins(y=0.12)  # space for the value above the highest bar
        axes.grid(visible=False, axis="x")
        linear_ticks(axes.yaxis)
        left = widest(axes.get_yticklabels()) + 9
        place(axes, Margins(left, 8, 24, 32))
        slot = (WIDTH - 8 - left) / max(1, len(names))
        shown = list(map(amount, values))
        axes.bar_label(bars, [text if text_width(text) < slot else "" for text in shown], padding=1)
        axes.set_xticks(range(len(names)), [fitted(name, slot) for name in names])
        add_labels(axes, x, y)
