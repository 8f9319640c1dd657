"""Draw the plots of the studies."""

from collections.abc import Mapping
from pathlib import Path

from gradus.reporting.plots import interval_plot
from gradus.results.study import StudyResult


def draw_studies(studies: Mapping[str, StudyResult], folder: Path) -> None:
    """Write one plot per plot of a study and corpus: study_STUDY_PLOT_CORPUS.svg."""
    for study, result in studies.items():
        for name, drawn in result.plots.items():
            for plot in drawn:
                lines = {
                    line: [(point.x, point.y, point.low, point.high) for point in points]
                    for line, points in plot.lines.items()
                }
                path = folder / f"study_{study}_{name}_{plot.corpus}.svg"
                interval_plot(path, lines, x=plot.x, y=plot.y, log_x=plot.log_x, log_y=plot.log_y)
