"""gradus recipe: an experiment under a name, and its kept results."""

from pathlib import Path
from typing import Annotated

import typer


def main(
    name: Annotated[str | None, typer.Argument(help="A file of experiments/, without .yaml; none lists them.")] = None,
    seeds: Annotated[str, typer.Option(help="Run once per seed, such as 1,2,3; else with that of params.yaml.")] = "",
    experiments: Annotated[Path, typer.Option(help="Folder of the recipes.")] = Path("experiments"),
    results: Annotated[Path, typer.Option(help="Folder of what they measured.")] = Path("metrics/recipes"),
) -> None:
    """Run a recipe, an overlay of params.yaml, in a copy of the repository; keep what it measured.

    The result is metrics/recipes/NAME.json, for git to keep. params.yaml, dvc.lock and the metrics of the
    built-in run stay as they are.
    """
    from gradus.artifacts.json_files import json_with, write_json
    from gradus.artifacts.places import new_file
    from gradus.pipeline.recipe import read_recipe, recipe_names, run_recipe

    if name is None:
        for known in recipe_names(experiments):
            typer.echo(f"{known:24} {read_recipe(known, experiments).description}")
        return
    with new_file(results / f"{name}.json", json_with("runs", "versions", "machine")) as part:
        write_json(part, run_recipe(name, read_recipe(name, experiments), seeds=_numbers(seeds)))
    typer.echo(f"wrote {results / name}.json; commit it, and dvc repro renews the report")


def _numbers(seeds: str) -> list[int]:
    from gradus.errors import InputError

    numbers = seeds.split(",") if seeds else []
    if not all(number.strip().isdecimal() and len(number) < 20 and int(number) < 2**32 for number in numbers):
        expected = "whole numbers below 2^32 such as 1,2,3"
        raise InputError("--seeds", expected=expected, found=repr(seeds[:100]), remedy="correct it")
    return list(dict.fromkeys(map(int, numbers)))
