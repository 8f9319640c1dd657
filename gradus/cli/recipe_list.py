"""gradus recipe list: list all recipes."""

import typer

from gradus.cli.clone import require_clone
from gradus.cli.recipe_options import EXPERIMENTS, Experiments


def main(experiments: Experiments = EXPERIMENTS) -> None:
    """List all recipes with their descriptions."""
    require_clone()
    from gradus.pipeline.recipe import read_recipe, recipe_names

    for name in recipe_names(experiments):
        typer.echo(f"{name:24} {read_recipe(name, experiments).description}")
