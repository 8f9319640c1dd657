"""Draw the plots of the studies."""

from collections.abc import Mapping
from pathlib import Path

from gradus.reporting.drawing.alt_text import lines_in_words
from gradus.reporting.drawing.csv_text import csv_text
from gradus.reporting.drawing.line_plots import Line, Scales, line_plot
from gradus.reporting.drawing.looks import Look
from gradus.reporting.model_looks import study_looks
from gradus.reporting.picture import Picture
from gradus.reporting.results import Results
from gradus.reporting.study_findings import study_finding
from gradus.results.study import StudyPlot, StudyResult


def draw_studies(results: Results, folder: Path) -> list[Picture]:
    """Write one plot per plot of a study and corpus, study_STUDY_PLOT_CORPUS.svg; return the plots."""
    pictures = []
    for study, result in results.studies.items():
        plots = [(f"study_{study}_{name}_{plot.corpus}", plot) for name, of in result.plots.items() for plot in of]
        looks = study_looks([line for _, plot in plots for line in plot.lines], results)
        # A line can be missing on a corpus, and then a plot can be empty.
        pictures += [_draw(folder, name, plot, result, looks) for name, plot in plots if any(plot.lines.values())]
    return pictures


def _draw(folder: Path, name: str, plot: StudyPlot, result: StudyResult, looks: Mapping[str, Look]) -> Picture:
    lines = [
        Line(line, looks[line], [(point.x, point.y, point.low, point.high) for point in points])
        for line, points in plot.lines.items()
    ]
    scales = Scales(plot.x, plot.y, plot.log_x, plot.log_y)
    line_plot(folder / f"{name}.svg", lines, scales)
    rows = [(line.name, *point) for line in lines for point in line.points]
    csv = csv_text(["line", plot.x, plot.y, "low", "high"], rows)
    alt = lines_in_words({line.name: [(x, y) for x, y, _, _ in line.points] for line in lines}, scales)
    return Picture(name, result.question, study_finding(plot, result), alt, csv)
