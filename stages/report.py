"""Stage report: make tables, plots and one HTML page from the metrics."""

from pathlib import Path
from typing import Annotated, Any

import typer

from gradus.command import stage_app
from gradus.params import read_params

SECTIONS = ("smooth_ngrams", "train_lm", "interpolate", "train_mt", "adapt_lm")
"""Sections of params.yaml with models, in the order of `ModelNames`."""


def main(
    metrics: Annotated[Path, typer.Option(help="Folder of the results that the evaluation stages wrote.")] = Path(
        "metrics"
    ),
    tables: Annotated[Path, typer.Option(help="Folder for the Markdown tables.")] = Path("metrics/tables"),
    plots: Annotated[Path, typer.Option(help="Folder for the SVG plots.")] = Path("metrics/plots"),
    series: Annotated[Path, typer.Option(help="Folder for the CSV files that `dvc plots` draws.")] = Path(
        "metrics/series"
    ),
    page: Annotated[Path, typer.Option(help="Folder for the HTML page.")] = Path("metrics/report"),
    benchmarks: Annotated[Path, typer.Option(help="Folder of the benchmark results.")] = Path("benchmarks/results"),
    params: Annotated[Path, typer.Option(help="Parameter file with the names of the models.")] = Path("params.yaml"),
) -> None:
    """Make tables, plots and one HTML page from the results of the other stages."""
    # Imported here, because matplotlib is slow to import and --help does not need it.
    from gradus.reporting.contents import Strategies
    from gradus.reporting.report import ReportFolders, ReportSource, write_report
    from gradus.reporting.results import ModelNames

    names = ModelNames(*(_keys(params, section) for section in SECTIONS))
    strategies = Strategies(*(_keys(params, f"decode.{track}.strategies") for track in ("lm", "mt")))
    inputs = [benchmarks, params, *(metrics / name for name in ("lm", "mt", "details", "recipes", "studies"))]
    source = ReportSource(metrics, names, strategies, benchmarks, "dvc repro")
    count = write_report(source, ReportFolders(tables, plots, series, page), inputs)
    typer.echo(f"{count} tables in {tables}, plots in {plots}, the page in {page / 'index.html'}")


def _keys(params: Path, section: str) -> list[str]:
    return list(read_params(params, section, dict[str, Any]))


app = stage_app(main)

if __name__ == "__main__":
    app()
