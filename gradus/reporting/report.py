"""Write the report: tables, plots, data series and the page."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from gradus.artifacts.places import new_folder, unsealed_folder, write_text
from gradus.reporting.benchmarks import benchmark_tables
from gradus.reporting.contents import Strategies, draw, lay_out, tabulate
from gradus.reporting.drawing.figure import are_plots
from gradus.reporting.lm_benchmarks import QUALITY, draw_quality, read_quality
from gradus.reporting.page import write_page
from gradus.reporting.results import ModelNames, read_results
from gradus.reporting.series import write_series
from gradus.reporting.training_benchmarks import read_speed


@dataclass(frozen=True)
class ReportSource:
    """Results and models of a report."""

    metrics: Path
    """Folder with the subfolders `lm/`, `mt/`, `details/`, `recipes/` and `studies/`; each of them can be missing."""
    names: ModelNames
    """Models of the report."""
    strategies: Strategies
    """Decoding strategies of the report."""
    benchmarks: Path | None
    """Folder of benchmark results; None for a report without them."""
    command: str
    """Command that computes the results again."""


@dataclass(frozen=True)
class ReportFolders:
    """Folders that a report consists of."""

    tables: Path
    """Markdown tables."""
    plots: Path
    """SVG plots."""
    series: Path
    """CSV files that `dvc plots` draws."""
    page: Path
    """HTML page, `index.html`."""


def write_report(source: ReportSource, out: ReportFolders, inputs: Sequence[Path] = ()) -> int:
    """Write all folders of a report, or none.

    Args:
        source: results to report.
        out: folders to write; earlier reports there are replaced.
        inputs: files and folders that the report must not overwrite.
    Returns:
        The number of tables.
    Raises:
        InputError: if a result is missing or malformed, or a folder is not an earlier report.
    """
    with (
        new_folder(out.tables, "tables", inputs=inputs) as tables,
        # This folder has no seal, because `dvc plots` would treat the seal file as a plot.
        unsealed_folder(out.plots, are_plots, inputs=inputs) as plots,
        new_folder(out.series, "series", inputs=inputs) as series,
        new_folder(out.page, "a report", inputs=inputs) as page,
    ):
        results = read_results(source.metrics, source.names)
        speed = read_speed(source.benchmarks) if source.benchmarks else None
        made = tabulate(results, source.strategies, speed)
        if source.benchmarks is not None:
            made |= benchmark_tables(source.benchmarks)
            if quality := read_quality(source.benchmarks):
                draw_quality(quality, plots / f"{QUALITY}.svg")
        for table in made.values():
            write_text(tables / f"{table.name}.md", table.markdown())
        pictures = draw(results, source.strategies, plots)
        write_series(results, series, source.strategies.lm)
        write_page(page / "index.html", lay_out(results, made, pictures, source.command), plots)
    return len(made)
