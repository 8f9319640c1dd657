"""gradus recipe export: write the trained models, metrics, plots and page of a recipe's run to a folder."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gradus.cli.clone import require_clone
from gradus.cli.recipe_options import RESULTS, RecipeName, Results

if TYPE_CHECKING:
    from gradus.pipeline.experiments import RecipeRun


def main(
    name: RecipeName,
    folder: Annotated[Path, typer.Argument(help="Path of the new folder.")],
    seed: Annotated[int, typer.Option(min=0, help="Seed of the run.")] = 1,
    results: Results = RESULTS,
) -> None:
    """Write the trained models, metrics, tables, plots and page of a recipe's run to a new folder.

    The folder is laid out as the repository: models/lm/lstm, metrics/report/index.html and params.yaml.
    The page shows only the models of the recipe. The models come from DVC's cache, and the metrics from
    the DVC experiment NAME-seedN, which `gradus recipe run` makes.

    Example: gradus recipe export tales --seed 1 tales_seed1
    """
    require_clone()
    import shutil

    from gradus.artifacts.places import unsealed_folder
    from gradus.model_folders import MODEL_FOLDERS
    from gradus.pipeline.experiments import find_run, unpack

    path = results / f"{name}.json"
    found = find_run(path, seed)
    with unsealed_folder(folder, lambda _: False) as part:
        unpack(found, part)
        (part / "metrics/recipes").mkdir(parents=True)
        shutil.copyfile(path, part / "metrics/recipes" / path.name)
        _write_report(part, found)
    for track in found.run.metrics:
        places = (folder / place / model for model in found.models(track) for place in MODEL_FOLDERS[track])
        typer.echo(f"models: {', '.join(str(place) for place in places if place.exists())}")
    typer.echo(f"page: {folder / 'metrics/report/index.html'}")


def _write_report(folder: Path, found: "RecipeRun") -> None:
    """Write tables, plots and the page beside the metrics of a run."""
    from gradus.params import read_section
    from gradus.reporting.contents import Strategies
    from gradus.reporting.report import ReportFolders, ReportSource, write_report
    from gradus.reporting.results import ModelNames

    params, metrics = folder / "params.yaml", folder / "metrics"
    sections = {"smooth_ngrams": "lm", "train_lm": "lm", "interpolate": "lm", "train_mt": "mt", "adapt_lm": "lm"}
    names = ModelNames(
        *(
            [model for model in read_section(params, section) if model in found.models(track)]
            for section, track in sections.items()
        )
    )
    strategies = Strategies(*(list(read_section(params, f"decode.{track}.strategies")) for track in ("lm", "mt")))
    source = ReportSource(metrics, names, strategies, None, f"gradus recipe run {found.recipe}")
    write_report(source, ReportFolders(*(metrics / part for part in ("tables", "plots", "series", "report"))))
