"""gradus recipe: an experiment under a name, and its kept results."""

from pathlib import Path
from typing import Annotated

import typer

from gradus.errors import InputError, RunError


def main(
    name: Annotated[str | None, typer.Argument(help="A file of experiments/, without .yaml; none lists them.")] = None,
    seeds: Annotated[str, typer.Option(help="One run per seed, such as 1,2,3; else with that of params.yaml.")] = "",
    jobs: Annotated[int, typer.Option("--jobs", "-j", min=1, help="Seeds that run at once.")] = 1,
    replace: Annotated[bool, typer.Option("--replace", help="Forget the earlier runs.")] = False,
    experiments: Annotated[Path, typer.Option(help="Folder of the recipes.")] = Path("experiments"),
    results: Annotated[Path, typer.Option(help="Folder of what they measured.")] = Path("metrics/recipes"),
) -> None:
    """Run a recipe, an overlay of params.yaml, in copies of the repository; keep what it measured.

    Every finished seed is added to metrics/recipes/NAME.json, for git to keep, and is not run again. Mean and
    deviation are over runs that differ in nothing but the seed: runs of other code, parameters, versions or processors
    stay in the file, told apart. (With portable numerics on the CPU the processor does not count.) A run that was
    killed goes on when the command is given again. params.yaml, dvc.lock and the metrics of the built-in run stay as
    they are.
    """
    from gradus.pipeline.recipe import read_recipe, recipe_names, run_recipe

    if name is None:
        for known in recipe_names(experiments):
            typer.echo(f"{known:24} {read_recipe(known, experiments).description}")
        return
    recipe, path = read_recipe(name, experiments), results / f"{name}.json"
    try:
        run_recipe(recipe, path, seeds=_numbers(seeds), jobs=jobs, replace=replace, log=typer.echo)
    except BrokenPipeError:  # its work is not what it prints
        raise RunError("standard output was closed before the recipe was done; run it again") from None
    _show(path)
    typer.echo(f"wrote {path}; commit it, and dvc repro renews the report")


def _show(path: Path) -> None:
    """Print the recipe's rows of the report's table."""
    from rich.console import Console
    from rich.markdown import Markdown

    from gradus.reporting.recipes import recipes_table
    from gradus.results.files import read_result
    from gradus.results.recipe import RecipeResult

    console = Console()
    if not console.is_terminal:
        console = Console(width=140)  # columns, for a log: nine of them
    console.print(Markdown(recipes_table({path.stem: read_result(path, RecipeResult)}).markdown()))


def _numbers(seeds: str) -> list[int]:
    numbers = seeds.split(",") if seeds else []
    if not all(number.strip().isdecimal() and len(number) < 20 and int(number) < 2**32 for number in numbers):
        expected = "whole numbers below 2^32 such as 1,2,3"
        raise InputError("--seeds", expected=expected, found=repr(seeds[:100]), remedy="correct it")
    return list(dict.fromkeys(map(int, numbers)))
