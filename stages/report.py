"""Stage report: make tables, plots and one HTML page from the metrics."""

from pathlib import Path
from typing import Annotated, Any

import typer

from gradus.artifacts.places import new_folder, unsealed_folder, write_text
from gradus.command import stage_app
from gradus.params import read_params


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
    from gradus.reporting.benchmarks import benchmark_tables
    from gradus.reporting.contents import Strategies, draw, lay_out, tabulate
    from gradus.reporting.figure import are_plots
    from gradus.reporting.page import write_page
    from gradus.reporting.results import ModelNames, read_results
    from gradus.reporting.series import write_series

    names = ModelNames(*(_keys(params, section) for section in ("smooth_ngrams", "train_lm", "train_mt")))
    strategies = Strategies(*(_keys(params, f"decode.{track}.strategies") for track in ("lm", "mt")))
    inputs = [benchmarks, params, *(metrics / name for name in ("lm", "mt", "details", "recipes"))]
    with (
        new_folder(tables, "tables", inputs=inputs) as new_tables,
        # This folder has no seal, because `dvc plots` would treat the seal file as a plot.
        unsealed_folder(plots, are_plots, inputs=inputs) as new_plots,
        new_folder(series, "series", inputs=inputs) as new_series,
        new_folder(page, "a report", inputs=inputs) as new_page,
    ):
        results = read_results(metrics, names)
        made = tabulate(results, strategies) | benchmark_tables(benchmarks)
        for table in made.values():
            write_text(new_tables / f"{table.name}.md", table.markdown())
        draw(results, strategies, new_plots)
        write_series(results, new_series, strategies.lm)
        write_page(new_page / "index.html", *lay_out(results, made, new_plots))
    typer.echo(f"{len(made)} tables in {tables}, plots in {plots}, the page in {page / 'index.html'}")


def _keys(params: Path, section: str) -> list[str]:
    return list(read_params(params, section, dict[str, Any]))


app = stage_app(main)

if __name__ == "__main__":
    app()
