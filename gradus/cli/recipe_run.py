"""gradus recipe run: run a recipe and keep its results."""

from typing import Annotated

import typer

from gradus.cli.clone import require_clone
from gradus.cli.recipe_options import EXPERIMENTS, RESULTS, Experiments, RecipeName, Results, show_results
from gradus.cli.seeds import parse_seeds
from gradus.command import requires_output


def main(
    name: RecipeName,
    seeds: Annotated[
        str, typer.Option(help="Seeds, such as 1,2,3, with one run per seed; by default, the seed of params.yaml.")
    ] = "",
    jobs: Annotated[int, typer.Option("--jobs", "-j", min=1, help="Number of seeds that run at once.")] = 1,
    replace: Annotated[bool, typer.Option("--replace", help="Discard the results of earlier runs.")] = False,
    experiments: Experiments = EXPERIMENTS,
    results: Results = RESULTS,
) -> None:
    """Run a recipe in copies of the repository and keep its results.

    The recipe NAME is the file experiments/NAME.yaml, a list of changes to params.yaml. The result of every finished
    seed is added to metrics/recipes/NAME.json, which belongs in git. A finished seed does not run again. To continue
    after an interruption, give the same command.

    Mean and standard deviation are computed from the last run and the runs that differ from it only in the seed. Runs
    that differ in code, parameters, package versions or processor stay in the file, but are not averaged. With portable
    numerics on a CPU, the processor does not matter.

    The command does not change params.yaml and dvc.lock. It changes no metrics file except metrics/recipes/NAME.json.
    `gradus recipe export` gives the trained models, the plots and the page of a run.
    """
    require_clone()
    from gradus.pipeline.recipe import read_recipe, run_recipe

    recipe, path = read_recipe(name, experiments), results / f"{name}.json"
    with requires_output("recipe"):
        run_recipe(recipe, path, seeds=parse_seeds(seeds), jobs=jobs, replace=replace, log=typer.echo)
    seed = show_results(path).seeds[0]
    typer.echo(f"wrote {path}; commit this file and run dvc repro to update the report")
    typer.echo(f"gradus recipe export {name} --seed {seed} FOLDER gives the models, plots and page of seed {seed}")
