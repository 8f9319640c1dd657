"""gradus recipe show: say what a recipe runs, and print its results."""

import typer

from gradus.cli.clone import require_clone
from gradus.cli.recipe_options import EXPERIMENTS, RESULTS, Experiments, RecipeName, Results, show_results


def main(name: RecipeName, experiments: Experiments = EXPERIMENTS, results: Results = RESULTS) -> None:
    """Say which models a recipe runs and how it differs from params.yaml; print its results if there are any."""
    require_clone()
    from gradus.params import read_file
    from gradus.pipeline.differences import differences
    from gradus.pipeline.dvc import PARAMS
    from gradus.pipeline.overlay import overlay
    from gradus.pipeline.recipe import models_of, read_recipe

    recipe, path = read_recipe(name, experiments), results / f"{name}.json"
    base = read_file(PARAMS, dict)
    params = overlay(base, recipe.params)
    typer.echo(f"{name}: {recipe.description}")
    for track, models in models_of(recipe.tracks, params).items():
        typer.echo(f"models of the track {track}: {', '.join(models)}")
    typer.echo(f"changes of {PARAMS}:")
    for line in differences(base, params, recipe.params):
        typer.echo(f"  {line}")
    if path.exists():
        show_results(path)
    else:
        typer.echo(f"no results yet; gradus recipe run {name} runs it")
