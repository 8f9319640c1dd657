"""Compute the plots and the table of a study from its runs: means over the seeds, with intervals and deviations."""

from collections.abc import Mapping, Sequence

import numpy as np

from gradus.results.fields import PLOTTED
from gradus.results.study import Cell, Point, StudyPlot, StudyRow
from gradus.studies.claims import number_of
from gradus.studies.definition import Line, Plot, Study, corpora_of
from gradus.studies.runs import StudyRun, Value
from gradus.studies.statistics import over_seeds


def study_plots(study: Study, runs: Mapping[str, Sequence[StudyRun]]) -> dict[str, list[StudyPlot]]:
    """Return a dict from name of a plot to the plot on each corpus that has runs and lines."""
    lines = {
        name: {corpus: _lines_on(study, plot, corpus) for corpus, found in runs.items() if found}
        for name, plot in study.plots.items()
    }
    return {
        name: [_plot(plot, corpus, drawn, runs[corpus]) for corpus, drawn in lines[name].items() if drawn]
        for name, plot in study.plots.items()
    }


def _lines_on(study: Study, plot: Plot, corpus: str) -> dict[str, Line]:
    return {name: line for name, line in plot.lines.items() if corpus in corpora_of(study, line)}


def study_rows(study: Study, runs: Mapping[str, Sequence[StudyRun]]) -> list[StudyRow]:
    """Return the table of a study, with one row per corpus and model."""
    return [
        StudyRow(corpus=corpus, model=model, cells=_cells(study, [run.values[model] for run in found]))
        for corpus, found in runs.items()
        if found
        for model in found[0].values
    ]


def _plot(plot: Plot, corpus: str, lines: Mapping[str, Line], runs: Sequence[StudyRun]) -> StudyPlot:
    points = {name: _points(line, runs) for name, line in lines.items()}
    return StudyPlot(corpus=corpus, x=plot.x, y=plot.y, log_x=plot.log_x, log_y=plot.log_y, lines=points)


def _points(line: Line, runs: Sequence[StudyRun]) -> list[Point]:
    if line.points:
        return [_point(x, [number_of(run, quantity) for run in runs]) for quantity, x in line.points.items()]
    positions, columns = _list(runs[0], line.at), [_list(run, line.values) for run in runs]
    # A list can be shorter with another seed, for example if a training diverged.
    length = min(map(len, columns))
    return [_point(x, [column[i] for column in columns]) for i, x in enumerate(positions[:length])]


def _list(run: StudyRun, quantity: str | None) -> list[float]:
    model, _, path = str(quantity).partition(".")
    value = run.values[model][path]
    return [float(each) for each in value] if isinstance(value, list) else [float(value)]


def _point(x: float, values: Sequence[float]) -> Point:
    """Return the mean of the values with its interval; enormous values are cut, because a point cannot hold them."""
    numbers = np.clip(values, -PLOTTED, PLOTTED)
    if len(numbers) < 2:
        mean = float(numbers.mean())
        return Point(x=x, y=mean, low=mean, high=mean)
    effect = over_seeds(numbers, 0.0)
    return Point(x=x, y=effect.mean, low=max(effect.low, -PLOTTED), high=min(effect.high, PLOTTED))


def _cells(study: Study, values: Sequence[Mapping[str, Value]]) -> dict[str, Cell]:
    cells = {}
    for heading, path in study.columns.items():
        found = [value for each in values if isinstance(value := each.get(path), int | float)]
        if len(found) == len(values):  # a mean over some of the seeds would not be comparable
            numbers = np.clip(found, -PLOTTED, PLOTTED)
            deviation = min(float(np.std(numbers, ddof=1)), PLOTTED) if len(found) > 1 else None
            cells[heading] = Cell(mean=float(np.mean(numbers)), deviation=deviation)
    return cells
