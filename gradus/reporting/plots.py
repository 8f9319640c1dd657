"""Five kinds of plot, each from plain numbers to one SVG."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from matplotlib.axis import Axis
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter

from gradus.reporting.figure import new_figure

Points = Sequence[tuple[float, float]]
Values = Sequence[float | None]

_ROUNDS = (("-o", 3), ("--s", 4), (":^", 4), ("-.D", 4))
"""Line with marker, and size, of the first eight series, which use up the colours, of the next eight, and so on."""

_MARKERS = "os^Dv*"

LEAST_SHARE = 0.1
"""Per cent, under which the axis of shares is linear, to reach zero."""


def line_plot(
    path: Path, series: Mapping[str, Points], *, x: str, y: str, log: bool = False, ticks: Sequence[str] = ()
) -> None:
    """Draw one line per series.

    Args:
        path: the SVG file.
        series: (x, y) points by name, in the order of the legend.
        x: label of the horizontal axis, with its unit.
        y: label of the vertical axis, with its unit.
        log: whether the vertical axis is logarithmic.
        ticks: names of x = 0, 1, 2, ... where these are categories.
    """
    with new_figure(path) as axes:
        for number, (name, points) in enumerate(series.items()):
            style, size = _ROUNDS[number // 8 % len(_ROUNDS)]
            axes.plot([p[0] for p in points], [p[1] for p in points], style, markersize=size, label=name)
        axes.set(xlabel=x, ylabel=y)
        if log:
            axes.set_yscale("log")
            _plain_numbers(axes.yaxis)
        if ticks:
            axes.set_xticks(range(len(ticks)), ticks)
        else:
            axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        if len(series) > 1:
            axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))


def dot_plot(
    path: Path,
    names: Sequence[str],
    series: Mapping[str, Sequence[float | None]],
    *,
    x: str,
    floors: Mapping[str, float],
) -> None:
    """Draw one row of dots per name and one vertical line per floor, on a logarithmic axis.

    Args:
        path: the SVG file.
        names: rows from top to bottom.
        series: one value per row, or None, by the name of the dots.
        x: label of the horizontal axis.
        floors: values that nothing can be under, by name; drawn in the colour of the series of that name.
    """
    with new_figure(path, height=0.9 + 0.24 * len(names)) as axes:
        rows = range(len(names))
        for number, (name, values) in enumerate(series.items()):
            colour = f"C{number}"
            there = [(value, row) for value, row in zip(values, rows, strict=True) if value is not None]
            axes.scatter([v for v, _ in there], [r for _, r in there], color=colour, label=name, s=22, zorder=3)
            if name in floors:
                axes.axvline(floors[name], color=colour, linestyle="--", label=f"floor of {name}")
        axes.set_xscale("log")
        _plain_numbers(axes.xaxis)
        axes.set_yticks(rows, names)
        axes.invert_yaxis()
        axes.set_xlabel(x)
        axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))


def share_plot(
    path: Path,
    names: Sequence[str],
    series: Mapping[str, Values],
    *,
    x: str,
    line: tuple[str, float | None],
) -> None:
    """Draw one row of dots per name, on an axis that tells small shares apart and has a place for zero.

    Args:
        path: the SVG file.
        names: rows from top to bottom.
        series: one share per row, per cent, or None, by the name of the dots.
        x: label of the horizontal axis.
        line: what all are compared with, name and per cent, drawn as a vertical line.
    """
    with new_figure(path, height=0.9 + 0.24 * len(names)) as axes:
        if line[1] is not None:
            axes.axvline(line[1], color="black", linestyle="--", linewidth=1, label=line[0])
        for number, (name, values) in enumerate(series.items()):
            there = [(value, row) for row, value in enumerate(values) if value is not None]
            shares, rows = [share for share, _ in there], [row for _, row in there]
            axes.scatter(shares, rows, marker=_MARKERS[number % len(_MARKERS)], label=name, s=22, zorder=3)
        axes.set_xscale("symlog", linthresh=LEAST_SHARE)
        axes.set_xlim(-LEAST_SHARE / 10, 130)
        axes.set_xticks(ticks := (0, LEAST_SHARE, 1, 10, 100), [f"{tick:g}" for tick in ticks])
        axes.set_yticks(range(len(names)), names)
        axes.invert_yaxis()
        axes.set_xlabel(x)
        axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))


def bar_plot(path: Path, names: Sequence[str], values: Sequence[float], *, x: str, y: str) -> None:
    """Draw one bar per name, from zero, its value above it.

    Args:
        path: the SVG file.
        names: along the horizontal axis.
        values: one per name.
        x: label of the horizontal axis.
        y: label of the vertical axis, with its unit.
    """
    with new_figure(path, width=3.8, height=2.6) as axes:
        axes.bar_label(axes.bar(range(len(names)), values, 0.6), fmt="{:.3g}", padding=1)
        axes.set_xticks(range(len(names)), names)
        axes.margins(y=0.1)  # for the value above the highest
        axes.grid(visible=False)
        axes.set(xlabel=x, ylabel=y)


def attention_plot(path: Path, src: Sequence[str], tgt: Sequence[str], weights: Sequence[Sequence[float]]) -> None:
    """Draw attention weights: a row per target piece, a column per source piece, dark where the weight is high.

    Args:
        path: the SVG file.
        src: S source pieces.
        tgt: T target pieces.
        weights: (T, S), each row a distribution.
    """
    with new_figure(path, width=1.5 + 0.26 * len(src), height=1.2 + 0.22 * len(tgt)) as axes:
        axes.imshow(weights, cmap="Greys", vmin=0.0, vmax=1.0, aspect="auto", interpolation="nearest")
        axes.set_xticks(range(len(src)), src, rotation=60, ha="right", rotation_mode="anchor")
        axes.set_yticks(range(len(tgt)), tgt)
        axes.grid(visible=False)


def _plain_numbers(axis: Axis) -> None:
    """Label a logarithmic axis at 1, 2 and 5 times every power of ten, without exponents."""
    axis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.6g}"))
    axis.set_minor_formatter(NullFormatter())
