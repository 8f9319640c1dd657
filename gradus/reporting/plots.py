"""Draw plots of lines, dots, shares, bars or attention weights. Each public function writes one SVG file."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter

from gradus.reporting.figure import new_figure
from gradus.reporting.visible import label, visible

Points = Sequence[tuple[float, float]]
"""Points (x, y) of one line."""
Interval = tuple[float, float, float, float]
"""Point (x, y) with the lower and the upper bound of its interval."""
Values = Sequence[float | None]
"""One value per row of a plot; None for a row without a value."""

_ROUNDS = (("-o", 3), ("--s", 4), (":^", 4), ("-.D", 4))
"""Line styles with their marker sizes. The palette has eight colours, so the style changes after every eight lines."""

_MARKERS = "os^Dv*"

MOST_PIECES = 80
"""Maximum number of source pieces, and of target pieces, in an attention plot."""

LEAST_SHARE = 0.1
"""Share in per cent at which the axis of `share_plot` changes from linear to logarithmic. Below this share the axis is
linear, because a logarithmic axis cannot show zero."""

LARGEST = 1e15
"""Largest number that a plot shows. matplotlib draws wrong ticks and margins for larger numbers."""


def line_plot(
    path: Path, series: Mapping[str, Points], *, x: str, y: str, log: bool = False, ticks: Sequence[str] = ()
) -> None:
    """Draw a plot with one line per series.

    Args:
        path: the SVG file to write.
        series: dict from name to (x, y) points; the legend has the same order.
        x: label of the horizontal axis, with the unit.
        y: label of the vertical axis, with the unit.
        log: whether the vertical axis is logarithmic.
        ticks: names of the categories at x = 0, 1, 2, ...; empty if x is a number.
    """
    with new_figure(path) as axes:
        for number, drawn in enumerate(series.values()):
            style, size = _ROUNDS[number // 8 % len(_ROUNDS)]
            points = [point for point in drawn if point[1] <= LARGEST]
            axes.plot([p[0] for p in points], [p[1] for p in points], style, markersize=size, label=number)
        axes.set(xlabel=x, ylabel=y)
        # matplotlib cannot scale a logarithmic axis without a positive value.
        if log and any(point[1] > 0 for points in series.values() for point in points):
            axes.set_yscale("log")
            _plain_numbers(axes.yaxis)
        if ticks:
            axes.set_xticks(range(len(ticks)), list(map(label, ticks)))
        else:
            axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        if len(series) > 1:
            _legend(axes, list(series))


def interval_plot(
    path: Path, series: Mapping[str, Sequence[Interval]], *, x: str, y: str, log_x: bool, log_y: bool
) -> None:
    """Draw a plot with one line per series, and a vertical bar for the interval of every point.

    Args:
        path: the SVG file to write.
        series: dict from name to (x, y, low, high) points; the legend has the same order.
        x: label of the horizontal axis, with the unit.
        y: label of the vertical axis, with the unit.
        log_x: whether the horizontal axis is logarithmic. Points that such an axis cannot show are left out.
        log_y: whether the vertical axis is logarithmic.
    """
    with new_figure(path) as axes:
        drawn = [
            [p for p in points if (p[0] > 0 or not log_x) and (p[1] > 0 or not log_y) and max(map(abs, p)) <= LARGEST]
            for points in series.values()
        ]
        for number, shown in enumerate(drawn):
            style, size = _ROUNDS[number // 8 % len(_ROUNDS)]
            # On a logarithmic axis a bar cannot reach zero.
            below = [(p[1] - max(p[2], p[1] / 1e3) if log_y else p[1] - p[2]) for p in shown]
            # The results of a stranger can have a mean outside of its interval.
            bars = [[max(bar, 0.0) for bar in below], [max(p[3] - p[1], 0.0) for p in shown]]
            xs, ys = [p[0] for p in shown], [p[1] for p in shown]
            axes.errorbar(xs, ys, yerr=bars, fmt=style, markersize=size, elinewidth=1, capsize=2, label=number)
        axes.set(xlabel=visible(x), ylabel=visible(y))
        if any(drawn):  # matplotlib cannot scale a logarithmic axis without a positive value
            axes.set(xscale="log" if log_x else "linear", yscale="log" if log_y else "linear")
            if log_x:
                _plain_numbers(axes.xaxis)
        if len(series) > 1:
            _legend(axes, list(series))


def dot_plot(
    path: Path,
    names: Sequence[str],
    series: Mapping[str, Sequence[float | None]],
    *,
    x: str,
    floors: Mapping[str, float],
) -> None:
    """Draw a plot with one row of dots per name and one vertical line per lower bound (floor).

    The horizontal axis is logarithmic.

    Args:
        path: the SVG file to write.
        names: names of the rows, from top to bottom.
        series: dict from name of a series to its values, one value or None per row.
        x: label of the horizontal axis.
        floors: dict from name of a series to the lower bound of its values. The line of a floor has the colour of the
            series.
    """
    with new_figure(path, height=0.9 + 0.24 * len(names)) as axes:
        rows = range(len(names))
        legend: list[str] = []
        for number, (name, values) in enumerate(series.items()):
            colour = f"C{number}"
            dots = [(v, row) for v, row in zip(values, rows, strict=True) if v is not None and v <= LARGEST]
            axes.scatter([v for v, _ in dots], [row for _, row in dots], color=colour, label=number, s=22, zorder=3)
            legend.append(name)
            if name in floors and floors[name] <= LARGEST:
                axes.axvline(floors[name], color=colour, linestyle="--", label=number)
                legend.append(f"floor of {name}")
        axes.set_xscale("log")
        _plain_numbers(axes.xaxis)
        axes.set_yticks(rows, list(map(label, names)))
        axes.invert_yaxis()
        axes.set_xlabel(x)
        _legend(axes, legend)


def share_plot(
    path: Path,
    names: Sequence[str],
    series: Mapping[str, Values],
    *,
    x: str,
    line: tuple[str, float | None],
) -> None:
    """Draw a plot of shares with one row of dots per name.

    The horizontal axis is linear near zero and logarithmic elsewhere, so that small shares are distinguishable.

    Args:
        path: the SVG file to write.
        names: names of the rows, from top to bottom.
        series: dict from name of a series to its shares in per cent, one share or None per row.
        x: label of the horizontal axis.
        line: name of a vertical line, and the share in per cent at which the line is drawn; None draws no line.
    """
    with new_figure(path, height=0.9 + 0.24 * len(names)) as axes:
        legend = [*([line[0]] if line[1] is not None else []), *series]
        if line[1] is not None:
            axes.axvline(line[1], color="black", linestyle="--", linewidth=1, label="line")
        for number, values in enumerate(series.values()):
            dots = [(value, row) for row, value in enumerate(values) if value is not None]
            shares, rows = [share for share, _ in dots], [row for _, row in dots]
            axes.scatter(shares, rows, marker=_MARKERS[number % len(_MARKERS)], label=number, s=22, zorder=3)
        axes.set_xscale("symlog", linthresh=LEAST_SHARE)
        # Margins, so that dots at 0% and 100% are drawn whole.
        axes.set_xlim(-LEAST_SHARE / 10, 130)
        axes.set_xticks(ticks := (0, LEAST_SHARE, 1, 10, 100), [f"{tick:g}" for tick in ticks])
        axes.set_yticks(range(len(names)), list(map(label, names)))
        axes.invert_yaxis()
        axes.set_xlabel(x)
        _legend(axes, legend)


def bar_plot(path: Path, names: Sequence[str], values: Sequence[float], *, x: str, y: str) -> None:
    """Draw a plot with one bar per name. The value of a bar is written above the bar.

    Args:
        path: the SVG file to write.
        names: names of the bars, from left to right.
        values: heights of the bars.
        x: label of the horizontal axis.
        y: label of the vertical axis, with the unit.
    """
    with new_figure(path, width=3.8, height=2.6) as axes:
        axes.bar_label(axes.bar(range(len(names)), values, 0.6), fmt="{:.3g}", padding=1)
        axes.set_xticks(range(len(names)), list(map(label, names)))
        axes.margins(y=0.1)  # space for the value above the highest bar
        axes.grid(visible=False)
        axes.set(xlabel=x, ylabel=y)


def attention_plot(path: Path, src: Sequence[str], tgt: Sequence[str], weights: Sequence[Sequence[float]]) -> None:
    """Draw attention weights as a matrix of grey cells, in which a darker cell is a larger weight.

    Args:
        path: the SVG file to write.
        src: the S source pieces, one per column; the plot shows only the first `MOST_PIECES`.
        tgt: the T target pieces, one per row; the plot shows only the first `MOST_PIECES`.
        weights: attention weights, shape (T, S); each row is a probability distribution.
    """
    columns, rows = ([label(piece) for piece in pieces[:MOST_PIECES]] for pieces in (src, tgt))
    shown = [row[:MOST_PIECES] for row in weights[:MOST_PIECES]]
    # Inches: a fixed size per cell, plus space for the longest label.
    width = 0.26 * len(columns) + max(1.5, 0.5 + 0.08 * max(map(len, rows)))
    height = 0.22 * len(rows) + max(1.2, 0.5 + 0.07 * max(map(len, columns)))
    with new_figure(path, width=width, height=height, any_script=True) as axes:
        axes.imshow(shown, cmap="Greys", vmin=0.0, vmax=1.0, aspect="auto", interpolation="nearest")
        axes.set_xticks(range(len(columns)), columns, rotation=60, ha="right", rotation_mode="anchor")
        axes.set_yticks(range(len(rows)), rows)
        axes.grid(visible=False)


def _legend(axes: Axes, names: Sequence[str]) -> None:
    """Add a legend with the given names, in the order in which the plot drew its lines or dots.

    A name can begin with `_`, and matplotlib leaves out labels that begin with `_`. So the plots first use numbers as
    labels, and this function replaces the numbers by the names.
    """
    legend = axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
    for text, name in zip(legend.get_texts(), names, strict=True):
        text.set_text(label(name))


def _plain_numbers(axis: Axis) -> None:
    """Label a logarithmic axis at 1, 2, 5, 10, 20, 50 and so on. The labels are numbers without exponents."""
    axis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.6g}"))
    axis.set_minor_formatter(NullFormatter())
