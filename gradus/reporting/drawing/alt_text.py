"""Describe plots in words, for readers who cannot see them."""

from collections.abc import Mapping, Sequence

from gradus.reporting.drawing.in_words import amount, exactly
from gradus.reporting.drawing.line_plots import Scales

Points = Sequence[tuple[float, float]]
"""Points (x, y) of one line, from left to right."""


def lines_in_words(series: Mapping[str, Points], scales: Scales) -> str:
    """Describe a plot of lines: its axes, and the first, last, lowest and highest value of each line.

    Args:
        series: dict from name of a line to its points.
        scales: labels of the axes.
    """
    lines = [_line_in_words(name, points, scales.ticks) for name, points in series.items()]
    log = ", logarithmic" if scales.log_y else ""
    return f"Plot of lines. Horizontal axis: {scales.x}. Vertical axis: {scales.y}{log}. {' '.join(lines)}"


def _line_in_words(name: str, points: Points, ticks: Sequence[str]) -> str:
    if not points:
        return f"{name}: no number."
    first, last = points[0], points[-1]
    where = [ticks[int(x)] if ticks else exactly(x) for x, _ in (first, last)]
    if len(points) == 1:
        return f"{name}: {amount(first[1])} at {where[0]}."
    text = f"{name}: {amount(first[1])} at {where[0]}, {amount(last[1])} at {where[1]}"
    low, high = min(y for _, y in points), max(y for _, y in points)
    ends = (first[1], last[1])
    lowest = f", lowest {amount(low)}" if low < min(ends) else ""
    highest = f", highest {amount(high)}" if high > max(ends) else ""
    return f"{text}{lowest}{highest}."


def rows_in_words(names: Sequence[str], series: Mapping[str, Sequence[float | None]], x: str) -> str:
    """Describe a plot with one row of dots per name.

    Args:
        names: names of the rows, from top to bottom.
        series: dict from name of a series to its values, one value or None per row.
        x: label of the axis, with the unit.
    """
    rows = []
    for row, name in enumerate(names):
        values = [f"{each} {amount(v)}" for each, values in series.items() if (v := values[row]) is not None]
        rows.append(f"{name}: {', '.join(values) or 'no number'}.")
    return f"Plot of dots, one row per name. Axis: {x}. {' '.join(rows)}"


def bars_in_words(names: Sequence[str], values: Sequence[float], x: str, y: str) -> str:
    """Describe a plot of bars: its axes and the value of each bar."""
    bars = [f"{name}: {amount(value)}" for name, value in zip(names, values, strict=True)]
    return f"Plot of bars. Horizontal axis: {x}. Vertical axis: {y}. {', '.join(bars)}."
