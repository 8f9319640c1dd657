"""gradus recipe: run a named experiment and keep its results."""

from pathlib import Path
from typing import Annotated

import typer

from gradus.cli.completion import complete_recipes
from gradus.command import requires_output
from gradus.errors import InputError


def main(
    name: Annotated[
        str | None,
        typer.Argument(help="Name of a recipe. Without a name, list all recipes.", autocompletion=complete_recipes),
    ] = None,
    seeds: Annotated[
        str, typer.Option(help="Seeds, such as 1,2,3, with one run per seed; by default, the seed of params.yaml.")
    ] = "",
    jobs: Annotated[int, typer.Option("--jobs", "-j", min=1, help="Number of seeds that run at once.")] = 1,
    replace: Annotated[bool, typer.Option("--replace", help="Discard the results of earlier runs.")] = False,
    experiments: Annotated[Path, typer.Option(help="Folder of the recipes.")] = Path("experiments"),
    results: Annotated[Path, typer.Option(help="Folder of the results.")] = Path("metrics/recipes"),
) -> None:
    """Run a recipe in copies of the repository and keep its results.

    The recipe NAME is the file experiments/NAME.yaml, a list of changes to params.yaml. The result of every finished
    seed is added to metrics/recipes/NAME.json, which belongs in git. A finished seed does not run again. To continue
    after an interruption, give the same command.

    Mean and standard deviation are computed from the last run and the runs that differ from it only in the seed. Runs
    that differ in code, parameters, package versions or processor stay in the file, but are not averaged. With portable
    numerics on a CPU, the processor does not matter.

    The command does not change params.yaml and dvc.lock. It changes no metrics file except metrics/recipes/NAME.json.
    """
    from gradus.pipeline.recipe import read_recipe, recipe_names, run_recipe

    if name is None:
        for known in recipe_names(experiments):
            typer.echo(f"{known:24} {read_recipe(known, experiments).description}")
        return
    recipe, path = read_recipe(name, experiments), results / f"{name}.json"
    with requires_output("recipe"):
        run_recipe(recipe, path, seeds=_seeds(seeds), jobs=jobs, replace=replace, log=typer.echo)
    _show(path)
    typer.echo(f"wrote {path}; commit this file and run dvc repro to update the report")


def _show(path: Path) -> None:
    """Print the results of a recipe as a table, with the same columns as in the report."""
    from rich.console import Console
    from rich.markdown import Markdown

    from gradus.reporting.recipes import recipes_table
    from gradus.results.files import read_result
    from gradus.results.recipe import RecipeResult

    console = Console()
    if not console.is_terminal:
        console = Console(width=140)  # columns, for a log: nine of them
    console.print(Markdown(recipes_table({path.stem: read_result(path, RecipeResult)}).markdown()))


def _seeds(text: str) -> list[int]:
    """Parse a list of seeds such as 1,2,3; return each seed once."""
    numbers = text.split(",") if text else []
    if not all(number.strip().isdecimal() and len(number) < 20 and int(number) < 2**32 for number in numbers):
        expected = "whole numbers below 2^32, such as 1,2,3"
        raise InputError("--seeds", expected=expected, found=repr(text[:100]), remedy="correct the list")
    return list(dict.fromkeys(map(int, numbers)))
