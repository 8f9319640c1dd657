"""Recipes: named experiments that change parameters. Their results are kept in metrics/recipes.

`experiments/NAME.yaml` lists changes of params.yaml. `dvc exp run` runs the changed pipeline in a clone of the
repository, once per seed. A run does not change the user's params.yaml and dvc.lock. The only metrics file that changes
is the result file, metrics/recipes/NAME.json.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field
from pydantic.dataclasses import dataclass as checked

from gradus.artifacts.json_files import read_json
from gradus.errors import InputError
from gradus.names import require_name, require_names
from gradus.params import STRICT, read_file, read_section
from gradus.pipeline.copies import snapshot
from gradus.pipeline.dvc import PARAMS
from gradus.pipeline.origin import Origin, origin_of
from gradus.pipeline.overlay import overlay
from gradus.pipeline.queue import Experiment, Queue
from gradus.pipeline.runs import Metrics, Run, comparable_last, comparable_runs, read_runs, seeds_apart, write_runs
from gradus.pipeline.stages import evaluation_stages, read_stages
from gradus.process import alone

Track = Literal["lm", "mt"]
MODELS: Mapping[Track, tuple[str, ...]] = {
    "lm": ("smooth_ngrams", "train_lm", "interpolate", "adapt_lm"),
    "mt": ("train_mt",),
}
"""Dict from each track (`lm` or `mt`) to the sections of params.yaml that define the models of the track."""
Log = Callable[[str], None]


@checked(frozen=True, kw_only=True, config=STRICT)
class Recipe:
    """Content of `experiments/NAME.yaml`."""

    description: str
    """Description in one line, for the list of recipes."""
    tracks: Annotated[list[Track], Field(min_length=1)]
    """Tracks to evaluate: `lm` (language models), `mt` (translation models), or both."""
    params: dict[str, Any]
    """Changes of params.yaml (see `overlay`)."""


def read_recipe(name: str, folder: Path) -> Recipe:
    """Read a recipe.

    Raises:
        InputError: if the name is invalid, the recipe does not exist, or a key of the recipe is missing or unknown.
    """
    require_name(name, "recipe")
    path = folder / f"{name}.yaml"
    if not path.exists():
        expected = f"a recipe ({', '.join(recipe_names(folder)) or 'none exist yet'})"
        raise InputError(path, expected=expected, found="no file", remedy="correct the name, or write the file")
    recipe = read_file(path, Recipe)
    require_names(recipe.params, f"{path}: params")
    return recipe


def recipe_names(folder: Path) -> list[str]:
    """Return the names of all recipes in a folder, sorted."""
    return sorted(path.stem for path in folder.glob("*.yaml"))


def models_of(tracks: Iterable[Track], params: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return a dict from each track to the names of its models, in the order of the parameters."""
    return {track: [name for section in MODELS[track] for name in params[section]] for track in tracks}


def read_metrics(copy: Path, models: Mapping[str, Iterable[str]]) -> Metrics:
    """Read the metrics files of models from a clone in which the pipeline has run.

    Args:
        copy: the clone.
        models: dict from each track (`lm` or `mt`) to names of models.
    """
    return {
        track: {name: read_json(copy / "metrics" / track / f"{name}.json") for name in names}
        for track, names in models.items()
    }


def run_recipe(recipe: Recipe, path: Path, *, seeds: list[int], jobs: int, replace: bool, log: Log) -> None:
    """Run a recipe once per seed, in the repository of the current folder.

    Without `replace`, a seed is skipped if the result file has a run of this seed with the same code, parameters,
    package versions and processor. Each successful run is added to the result file immediately. If the user edits the
    repository in the meantime, the runs still use the old files.

    Args:
        recipe: the recipe.
        path: result file NAME.json; the DVC experiments are named NAME-seed1, NAME-seed2 and so on.
        seeds: values of the parameter `seed`; if the list is empty, the seed of params.yaml is used.
        jobs: number of seeds that run at once, at least 1.
        replace: discard the earlier runs in the file when the first new run succeeds.
        log: called with each line of output.
    Raises:
        InputError: if the recipe changes a key that params.yaml lacks, or the result file is invalid.
        RunError: if a run fails.
    """
    for key in ("seed", *(section for track in recipe.tracks for section in MODELS[track])):
        read_section(PARAMS, key)  # raises an error if params.yaml lacks the key
    base: dict[str, Any] = read_file(PARAMS, dict)
    params = overlay(base, recipe.params)
    with alone(f"recipe-{path.stem}"):  # two processes would overwrite each other's results
        earlier = read_runs(path)
        targets = evaluation_stages(recipe.tracks, read_stages())
        state, origin = snapshot(), origin_of(targets, recipe.tracks, params)
        results = _Results(path, recipe, origin, [] if replace else earlier)
        models = models_of(recipe.tracks, params)

        def experiment(seed: int) -> Experiment:
            def keep(copy: Path, minutes: float) -> None:
                results.add(seed, read_metrics(copy, models))

            name, label, seeded = f"{path.stem}-seed{seed}", f"seed {seed}", {**params, "seed": seed}
            return Experiment(name, label, state, base, seeded, targets, keep)

        Queue([experiment(seed) for seed in results.missing(seeds or [params["seed"]], log)], log).run(jobs)
        for difference, others in seeds_apart(results.runs, origin).items():
            log(f"{_listed(others)}: kept but not averaged; these runs differ from the averaged runs in {difference}")


@dataclass
class _Results:
    """Result file of a running recipe."""

    path: Path
    recipe: Recipe
    origin: Origin
    runs: list[Run]

    def missing(self, seeds: list[int], log: Log) -> list[int]:
        """Return the seeds that have no run of equal code, parameters, versions and processor in the result file."""
        there = [run.seed for run in comparable_runs(self.runs, self.origin)]
        if done := [seed for seed in seeds if seed in there]:
            log(f"{_listed(done)}: already run with the same code, parameters, versions and processor")
            self._write()  # the summary must be about these runs, which may not have been the last ones
        return [seed for seed in seeds if seed not in there]

    def add(self, seed: int, metrics: Metrics) -> None:
        """Add a successful run and write the result file."""
        self.runs.append(Run(seed=seed, origin=self.origin, metrics=metrics))
        self._write()

    def _write(self) -> None:
        self.runs = comparable_last(self.runs, self.origin)
        write_runs(self.path, asdict(self.recipe), self.runs)


def _listed(seeds: list[int]) -> str:
    return f"seed{'s' * (len(seeds) > 1)} {', '.join(map(str, seeds))}"
