"""Write the legend of a plot of rows, above the rows."""

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from gradus.reporting.drawing.figure import INK, add_line, size, write
from gradus.reporting.drawing.text_width import fitted, text_width

LEGEND_LINE = 14.5
"""Height of a line of the legend, in points."""
_SAMPLE, _GAP, _MOST = 14.0, 12.0, 200.0


@dataclass(frozen=True)
class Sample:
    """Entry of the legend: a dot or a vertical line, with its name."""

    name: str
    marker: str = ""
    filled: bool = True
    dash: tuple[float, ...] = ()
    """Dash of a vertical line; empty for a dot."""

    @property
    def width(self) -> float:
        """Width of the entry, in points."""
        return _SAMPLE + text_width(fitted(self.name, _MOST)) + _GAP


def legend_rows(samples: Sequence[Sample], width: float) -> list[list[Sample]]:
    """Break the legend into lines that are at most `width` points wide, if each entry is."""
    rows: list[list[Sample]] = [[]]
    for sample in samples:
        if rows[-1] and sum(each.width for each in rows[-1]) + sample.width > width:
            rows.append([])
        rows[-1].append(sample)
    return rows


def write_samples(axes: Axes, samples: Sequence[Sample]) -> None:
    """Write the legend at the top of a plot, in reading order."""
    width, height = size(axes)
    for number, row in enumerate(legend_rows(samples, width)):
        x, y = 0.0, height - 8 - LEGEND_LINE * number
        for sample in row:
            if sample.dash:
                line = Line2D([], [], color=INK, linewidth=1)
                line.set_dashes(sample.dash)
                add_line(axes, line, [(x + 5, y - 5), (x + 5, y + 5)])
            else:
                face = INK if sample.filled else "none"
                dot = Line2D([], [], color=INK, marker=sample.marker, markerfacecolor=face, markersize=5)
                add_line(axes, dot, [(x + 5, y)])
            write(axes, (x + _SAMPLE, y), fitted(sample.name, _MOST))
            x += sample.width
