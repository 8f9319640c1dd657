"""Recipes: experiments under a name, whose results are kept in metrics/recipes.

`experiments/NAME.yaml` says what differs from params.yaml. It is run by `dvc exp run`, once per seed, in a copy of
the repository: the committed parameters, dvc.lock and metrics stay those of the built-in run.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field
from pydantic.dataclasses import dataclass as checked

from gradus.errors import InputError
from gradus.names import require_name, require_names
from gradus.params import STRICT, read_file, read_section
from gradus.pipeline.copies import snapshot
from gradus.pipeline.dvc import PARAMS
from gradus.pipeline.origin import Origin, origin_of
from gradus.pipeline.overlay import overlay
from gradus.pipeline.runs import Run, alike, apart, grouped, read_runs, write_runs
from gradus.pipeline.seeds import Experiment, Metrics, Seeds
from gradus.pipeline.stages import measuring, read_stages
from gradus.process import alone

Track = Literal["lm", "mt"]
MODELS: Mapping[Track, tuple[str, ...]] = {"lm": ("smooth_ngrams", "train_lm"), "mt": ("train_mt",)}
"""Sections of params.yaml whose keys are the models of a track."""
Log = Callable[[str], None]


@checked(frozen=True, kw_only=True, config=STRICT)
class Recipe:
    """What `experiments/NAME.yaml` holds.

    Attributes:
        description: one line for the list of recipes.
        tracks: what is run: language models, translation models, or both.
        params: what differs from params.yaml (see `overlay`).
    """

    description: str
    tracks: Annotated[list[Track], Field(min_length=1)]
    params: dict[str, Any]


def read_recipe(name: str, folder: Path) -> Recipe:
    """Read one recipe.

    Raises:
        InputError: if there is none of that name, the name is none, or it has a missing or an unknown key.
    """
    require_name(name, "recipe")
    path = folder / f"{name}.yaml"
    if not path.exists():
        known = ", ".join(recipe_names(folder)) or "none"
        raise InputError(path, expected=f"a recipe ({known})", found="no file", remedy="correct the name, or write it")
    recipe = read_file(path, Recipe)
    require_names(recipe.params, f"{path}: params")
    return recipe


def recipe_names(folder: Path) -> list[str]:
    """Return the names of all recipes of a folder, sorted."""
    return sorted(path.stem for path in folder.glob("*.yaml"))


def run_recipe(recipe: Recipe, path: Path, *, seeds: list[int], jobs: int, replace: bool, log: Log) -> None:
    """Run a recipe for every seed that has no run like it yet, in the repository at the current folder.

    A seed's run is added to the recipe's file as soon as it has ended well. All runs of one call compute with the
    files as they are when it begins.

    Args:
        recipe: what to run.
        path: the file of its runs, NAME.json; its experiments are called NAME-seed1 and so on.
        seeds: values of the parameter `seed`; none for that of params.yaml alone.
        jobs: seeds that run at once, at least 1.
        replace: forget the runs that stand in the file, once a new one has ended well.
        log: takes one line at a time.
    Raises:
        InputError: if the recipe changes what params.yaml does not have, or the file is none of ours.
        RunError: if a run fails.
    """
    for key in ("seed", *(section for track in recipe.tracks for section in MODELS[track])):
        read_section(PARAMS, key)  # refuses parameters without it
    base: dict[str, Any] = read_file(PARAMS, dict)
    params = overlay(base, recipe.params)
    with alone(f"recipe-{path.stem}"):
        earlier = read_runs(path)
        state, origin = snapshot(), origin_of(recipe.tracks, params)
        kept = _Kept(path, recipe, origin, [] if replace else earlier)
        models: dict[str, list[str]] = {
            track: [name for section in MODELS[track] for name in params[section]] for track in recipe.tracks
        }
        targets = measuring(recipe.tracks, read_stages())
        experiment = Experiment(path.stem, state, base, params, targets, models)
        Seeds(experiment, kept.missing(seeds or [params["seed"]], log), kept.add, log).run(jobs)
        for differs, others in apart(kept.runs, origin).items():
            log(f"kept apart: {_listed(others)} (other {differs}), not averaged with the runs of this call")


@dataclass
class _Kept:
    """The runs of a recipe's file."""

    path: Path
    recipe: Recipe
    origin: Origin
    runs: list[Run]

    def missing(self, seeds: list[int], log: Log) -> list[int]:
        """Return the seeds that have no run of this origin."""
        there = [run.seed for run in alike(self.runs, self.origin)]
        if done := [seed for seed in seeds if seed in there]:
            log(f"{_listed(done)}: already measured with the same code, parameters, versions and processor")
            self._write()
        return [seed for seed in seeds if seed not in there]

    def add(self, seed: int, metrics: Metrics) -> None:
        self.runs.append(Run(seed=seed, origin=self.origin, metrics=metrics))
        self._write()

    def _write(self) -> None:
        self.runs = grouped(self.runs, self.origin)
        write_runs(self.path, asdict(self.recipe), self.runs)


def _listed(seeds: list[int]) -> str:
    return f"seed{'s' * (len(seeds) > 1)} {', '.join(map(str, seeds))}"
