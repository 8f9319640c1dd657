"""Create plots in a common style. If two plots show the same numbers, their files are identical."""

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any, cast

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.text import Text

from gradus.reporting.drawing.palette import PALETTE
from gradus.reporting.drawing.svg_text import compact
from gradus.reporting.drawing.text_width import SIZE, cut, text_width
from gradus.reporting.visible import visible

MARK = ">gradus</dc:title>"
"""Text in the metadata of every plot. `are_plots` recognizes plots by this text."""

HEAD = f'<metadata><dc:title xmlns:dc="http://purl.org/dc/elements/1.1/"{MARK}</metadata>'

WIDTH = 420.0
"""Width of most plots in points: 560 pixels of a page."""

FONTS = (
    "system-ui,'Noto Sans',Arial,'Noto Sans CJK JP','Noto Sans CJK SC','Noto Sans Arabic','Noto Sans Devanagari',"
    "'Noto Color Emoji',sans-serif"
)
"""Fonts of all text. A plot contains text as text, so that the browser draws any script with the fonts that it has."""

PAPER, INK, MUTED, RULE = (PALETTE[name].light for name in ("paper", "ink", "muted", "rule"))

STYLE = {
    "svg.hashsalt": "gradus",  # without a fixed salt matplotlib writes random ids
    "svg.fonttype": "none",
    "text.parse_math": False,  # a token such as $x^$ is text, not a formula
    "font.size": SIZE,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.edgecolor": MUTED,
    "grid.color": RULE,
    "grid.linewidth": 0.7,
    "lines.linewidth": 1.5,
    "lines.markersize": 4,
    **dict.fromkeys(("axes.labelcolor", "text.color", "xtick.color", "ytick.color"), INK),
    **dict.fromkeys(("xtick.major.size", "ytick.major.size", "xtick.minor.size", "ytick.minor.size"), 0),
}


@dataclass(frozen=True)
class Margins:
    """Space between the axes and the edges of a plot, in points."""

    left: float
    right: float
    top: float
    bottom: float


@contextmanager
def new_figure(path: Path, *, width: float = WIDTH, height: float = 250.0) -> Iterator[Axes]:
    """Yield the axes of a new plot; write the plot as an SVG file at the end of the `with` block.

    Args:
        path: the SVG file.
        width: width of the plot, in points.
        height: height of the plot, in points.
    """
    with matplotlib.rc_context(STYLE), warnings.catch_warnings():  # type: ignore[arg-type]
        # matplotlib measures text with its own font, which lacks letters that the browser will draw
        warnings.filterwarnings("ignore", "Glyph .* missing from")
        figure = Figure(figsize=(width / 72, height / 72), dpi=72)
        figure.patch.set_visible(False)
        axes = figure.subplots()
        axes.patch.set_visible(False)
        yield axes
        svg = StringIO()
        # The file contains no date, so that the same numbers always give the same file.
        figure.savefig(svg, format="svg", metadata={"Date": None})
        root = {"width": f"{width / 0.75:.0f}", "height": f"{height / 0.75:.0f}", "font-size": f"{SIZE:g}"}
        style = f"background:{PAPER};fill:{INK};stroke-linejoin:round;font-family:{FONTS}"
        path.write_text(compact(svg.getvalue(), root | {"style": style}, HEAD), encoding="utf-8")


def place(axes: Axes, margins: Margins) -> None:
    """Set the place of the axes within the plot."""
    width, height = size(axes)
    inner = (width - margins.left - margins.right, height - margins.bottom - margins.top)
    axes.set_position(
        (margins.left / width, margins.bottom / height, max(inner[0], 20.0) / width, max(inner[1], 20.0) / height)
    )


def write(axes: Axes, at: tuple[float, float], text: str, **style: Any) -> None:
    """Write a text in the middle of the height `at[1]`.

    The baseline depends on the height alone, because matplotlib does not know the heights of letters that it lacks.

    Args:
        axes: the axes of the plot.
        at: distance from the lower left corner of the plot, in points.
        text: the text.
        style: properties of matplotlib's texts.
    """
    width, height = size(axes)
    below = 0.36 * style.get("size", SIZE)
    if text:
        _figure(axes).text(at[0] / width, (at[1] - below) / height, text, **({"va": "baseline"} | style))


def add_line(axes: Axes, line: Line2D, points: Sequence[tuple[float, float]]) -> None:
    """Draw a line through points, which are distances from the lower left corner of the plot, in points."""
    width, height = size(axes)
    line.set_data([x / width for x, _ in points], [y / height for _, y in points])
    _figure(axes).add_artist(line)


def _figure(axes: Axes) -> Figure:
    return cast(Figure, axes.get_figure(root=True))


def add_labels(axes: Axes, x: str, y: str) -> None:
    """Write the label of the vertical axis above the axes, and the label of the horizontal axis below their middle."""
    width, height = size(axes)
    box = axes.get_position()
    write(axes, (2, height - 8), cut(visible(y), width - 4))
    below = cut(visible(x), width - 4)
    middle = min(max((box.x0 + box.x1) / 2 * width, text_width(below) / 2 + 2), width - text_width(below) / 2 - 2)
    write(axes, (middle, 7), below, ha="center")


def size(axes: Axes) -> tuple[float, float]:
    """Return the width and the height of the plot, in points."""
    width, height = _figure(axes).get_size_inches()
    return 72 * width, 72 * height


def widest(labels: list[Text]) -> float:
    """Return the width of the widest label, in points."""
    return max((text_width(label.get_text()) for label in labels), default=0.0)


def are_plots(folder: Path) -> bool:
    """Return whether all files in a folder are plots that `new_figure` wrote."""
    mark = MARK.encode()
    return folder.is_dir() and all(path.is_file() and mark in path.read_bytes()[:2000] for path in folder.iterdir())
