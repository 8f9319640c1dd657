"""Say what the plot of a study shows, in sentences made from its numbers."""

from collections.abc import Sequence

from gradus.reporting.drawing.in_words import amount, exactly
from gradus.reporting.drawing.line_plots import MOST_BARS
from gradus.results.study import Point, StudyPlot, StudyResult


def study_finding(plot: StudyPlot, result: StudyResult) -> str:
    """Return the finding of one plot: the lines at the last x, the largest change, and what a point is.

    Args:
        plot: the plot, with at least one point.
        result: the study, whose claims name the seeds.
    """
    lines = {name: sorted(points, key=lambda point: point.x) for name, points in plot.lines.items() if points}
    corpora = {each.corpus for of in result.plots.values() for each in of}
    where = f"On the corpus {plot.corpus}: " if len(corpora) > 1 else ""
    if len(lines) == 1:
        sentences = [_one_line(plot, *next(iter(lines.values())))]
    else:
        sentences = [_ends(plot, lines), _change(plot, lines)]
    text = " ".join([*filter(None, sentences), _seeds(plot, result)])
    return where + text if where else text[:1].upper() + text[1:]


def _one_line(plot: StudyPlot, *points: Point) -> str:
    """Return the course of a single line."""
    first, last = points[0], points[-1]
    if len(points) == 1:
        return f"{plot.y}: {amount(first.y)} at {plot.x} = {exactly(first.x)}."
    text = f"{plot.y}: from {amount(first.y)} at {plot.x} = {exactly(first.x)} to {amount(last.y)} at {exactly(last.x)}"
    low, high = min(points, key=lambda point: point.y), max(points, key=lambda point: point.y)
    turns = [(each, word) for each, word in ((low, "lowest"), (high, "highest")) if first.y != each.y != last.y]
    text += "".join(f"; {word} at {exactly(each.x)} ({amount(each.y)})" for each, word in turns)
    steps = list(zip(points, points[1:], strict=False))
    left, right = max(steps, key=lambda step: _distance(plot, step[0].y, step[1].y))
    most = f" It changes most between {exactly(left.x)} and {exactly(right.x)}." if len(steps) > 1 else ""
    return f"{text}.{most}"


def _ends(plot: StudyPlot, lines: dict[str, list[Point]]) -> str:
    """Return the lowest and the highest line at the last x that at least two lines reach."""
    xs = [point.x for points in lines.values() for point in points]
    shared = [x for x in xs if sum(any(point.x == x for point in points) for points in lines.values()) > 1]
    if not shared:
        return ""
    last = max(shared)
    ends = {name: next(p for p in points if p.x == last) for name, points in lines.items() if last in _xs(points)}
    low, high = min(ends, key=lambda name: ends[name].y), max(ends, key=lambda name: ends[name].y)
    text = f"At {plot.x} = {exactly(last)}, “{high}” is highest ({amount(ends[high].y)}) and “{low}” lowest"
    apart = ends[low].high < ends[high].low
    intervals = "their intervals do not overlap" if apart else "their intervals overlap"
    exact = all(point.low == point.high for point in (ends[low], ends[high]))
    return f"{text} ({amount(ends[low].y)}){'' if exact else f'; {intervals}'}."


def _change(plot: StudyPlot, lines: dict[str, list[Point]]) -> str:
    """Return the line that changes most from its first to its last point."""
    name = max(lines, key=lambda each: _distance(plot, lines[each][0].y, lines[each][-1].y))
    first, last = lines[name][0], lines[name][-1]
    if first.y == last.y:
        return ""
    ratio = max(first.y, last.y) / min(first.y, last.y) if plot.log_y and min(first.y, last.y) > 0 else None
    size = f", a factor of {amount(ratio)}" if ratio else ""
    return f"“{name}” changes most: from {amount(first.y)} at {exactly(first.x)} to {amount(last.y)}{size}."


def _distance(plot: StudyPlot, one: float, other: float) -> float:
    """Return the distance of two values as the plot shows it: a ratio on a logarithmic axis, else a difference."""
    if plot.log_y and min(one, other) > 0:
        return max(one, other) / min(one, other)
    return abs(one - other)


def _xs(points: Sequence[Point]) -> list[float]:
    return [point.x for point in points]


def _seeds(plot: StudyPlot, result: StudyResult) -> str:
    """Return what a point and its bar are."""
    points = [point for of in plot.lines.values() for point in of]
    counts = {len(each.seeds) for of in result.claims for each in of.estimates if each.corpus == plot.corpus}
    if counts == {1}:
        return "Each point is the result of one seed."
    over = f"{counts.pop()} seeds" if len(counts) == 1 else "the seeds"
    if all(point.low == point.high for point in points):
        return f"A point is the mean over {over}, which all give the same number."
    shape = "its bar" if max(map(len, plot.lines.values())) <= MOST_BARS else "the band around it"
    return f"A point is the mean over {over}; {shape} is the 95% confidence interval."
