"""metrics/ -> tables, plots and one page."""

from pathlib import Path
from typing import Annotated, Any

import typer

from gradus.artifacts.places import new_folder, unsealed_folder, write_text
from gradus.command import stage_app
from gradus.params import read_params


def main(
    metrics: Annotated[Path, typer.Option(help="Scores by model, written by `evaluate_lm` and `evaluate_mt`.")] = Path(
        "metrics"
    ),
    tables: Annotated[Path, typer.Option(help="Folder of the Markdown tables.")] = Path("metrics/tables"),
    plots: Annotated[Path, typer.Option(help="Folder of the plots.")] = Path("metrics/plots"),
    series: Annotated[Path, typer.Option(help="Folder of the numbers that `dvc plots` draws.")] = Path(
        "metrics/series"
    ),
    page: Annotated[Path, typer.Option(help="Folder of the page.")] = Path("metrics/report"),
    benchmarks: Annotated[Path, typer.Option(help="Folder of the benchmarks' results.")] = Path("benchmarks/results"),
    params: Annotated[Path, typer.Option(help="Parameters; they name the models.")] = Path("params.yaml"),
) -> None:
    """Make the tables, the plots and the page from what the other stages measured."""
    from gradus.reporting.benchmarks import benchmark_tables
    from gradus.reporting.contents import draw, lay_out, tabulate
    from gradus.reporting.figure import are_plots
    from gradus.reporting.page import write_page
    from gradus.reporting.results import read_results
    from gradus.reporting.series import write_series

    sections, mapping = ("smooth_ngrams", "train_lm", "train_mt"), dict[str, Any]
    names = {section: list(read_params(params, section, mapping)) for section in sections}
    strategies = {track: list(read_params(params, f"decode.{track}.strategies", mapping)) for track in ("lm", "mt")}
    inputs = [benchmarks, params, *(metrics / name for name in ("lm", "mt", "details", "recipes"))]
    with (
        new_folder(tables, "tables", inputs=inputs) as new_tables,
        unsealed_folder(plots, are_plots, inputs=inputs) as new_plots,  # dvc plots takes every file in it for one
        new_folder(series, "series", inputs=inputs) as new_series,
        new_folder(page, "a report", inputs=inputs) as new_page,
    ):
        results = read_results(metrics, names)
        made = tabulate(results, strategies) | benchmark_tables(benchmarks)
        for table in made.values():
            write_text(new_tables / f"{table.name}.md", table.markdown())
        draw(results, strategies, new_plots)
        write_series(results, new_series, strategies["lm"])
        write_page(new_page / "index.html", *lay_out(results, made, new_plots))
    typer.echo(f"{len(made)} tables in {tables}, plots in {plots}, the page in {page / 'index.html'}")


app = stage_app(main)

if __name__ == "__main__":
    app()
