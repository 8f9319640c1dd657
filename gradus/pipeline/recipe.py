"""Recipes: experiments under a name, whose results are kept in metrics/recipes.

`experiments/NAME.yaml` says what differs from params.yaml. It is run by `dvc exp run`, once per seed, in a copy of
the repository: the committed parameters, dvc.lock and metrics stay those of the built-in run.
"""

import json
import statistics
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field
from pydantic.dataclasses import dataclass

from gradus.errors import InputError
from gradus.names import require_name, require_names
from gradus.params import STRICT, read_file, read_section
from gradus.pipeline.copies import copied
from gradus.pipeline.dvc import PARAMS, commit_of, dvc_aloud, git
from gradus.pipeline.machine import describe_machine, describe_versions
from gradus.pipeline.overlay import overlay, overrides
from gradus.process import alone

Track = Literal["lm", "mt"]
MODELS: Mapping[Track, tuple[str, ...]] = {"lm": ("smooth_ngrams", "train_lm"), "mt": ("train_mt",)}
"""Sections of params.yaml whose keys are the models of a track."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
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


def run_recipe(name: str, recipe: Recipe, *, seeds: list[int]) -> dict[str, Any]:
    """Run a recipe once per seed, in the repository at the current folder, and gather what it measured.

    Args:
        name: of the recipe; its experiments are called NAME-seed1 and so on.
        recipe: what to run.
        seeds: values of the parameter `seed`; none for that of params.yaml alone.
    Returns:
        What `metrics/recipes/NAME.json` holds: description, tracks, params (the overlay), commit, seeds,
        runs (seed -> track -> model -> the content of its metrics file), mean and deviation (track ->
        model -> its numbers), versions, machine.
    Raises:
        InputError: if the recipe changes what params.yaml does not have.
        RunError: if a run fails.
    """
    for key in ("seed", *(section for track in recipe.tracks for section in MODELS[track])):
        read_section(PARAMS, key)  # refuses parameters without it
    base: dict[str, Any] = read_file(PARAMS, dict)
    params = overlay(base, recipe.params)
    seeds = seeds or [params["seed"]]
    with alone(f"recipe-{name}"):
        runs = {str(seed): _run(f"{name}-seed{seed}", recipe.tracks, base, {**params, "seed": seed}) for seed in seeds}
    mean, deviation = summary(list(runs.values()))
    return {
        "description": recipe.description,
        "tracks": recipe.tracks,
        "params": recipe.params,
        "commit": git("describe", "--always", "--dirty", "--abbrev=40", "--exclude=*").strip(),
        "seeds": seeds,
        "runs": runs,
        "mean": mean,
        "deviation": deviation,
        "versions": describe_versions(),
        "machine": describe_machine(),
    }


def _run(experiment: str, tracks: list[Track], base: dict[str, Any], params: dict[str, Any]) -> dict[str, Any]:
    """Run one experiment in a copy of the repository and return its metrics: track -> model -> values."""
    baseline = commit_of("HEAD")
    reference = f"refs/exps/{baseline[:2]}/{baseline[2:]}/{experiment}"
    changes = [f"--set-param={override}" for override in overrides(base, params)]
    with copied(experiment) as copy:
        dvc_aloud("exp", "run", f"--name={experiment}", *changes, *_targets(tracks), folder=copy)
        git("fetch", "--quiet", "--no-write-fetch-head", str(copy), f"+{reference}:{reference}")
    names = {track: [name for section in MODELS[track] for name in params[section]] for track in tracks}
    return {
        track: {name: json.loads(git("show", f"{reference}:metrics/{track}/{name}.json")) for name in names[track]}
        for track in tracks
    }


def _targets(tracks: list[Track]) -> list[str]:
    """Return the entries of dvc.yaml whose metrics are those of some tracks."""
    stages: dict[str, dict[str, Any]] = read_section(Path("dvc.yaml"), "stages")
    return [
        name
        for name, entry in stages.items()
        if any(
            str(place).startswith(f"metrics/{track}/")
            for track in tracks
            for out in entry.get("metrics", [])
            for place in out
        )
    ]


def summary(runs: list[dict[str, Any]]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the mean and the standard deviation (n - 1; none of a single run) of every number of some runs.

    Both keep the shape of a run. A number that a run lacks (a perplexity that is infinite has no key) is
    left out, and so is all text.
    """
    return _each_number(runs, statistics.fmean), _each_number(runs, statistics.stdev) if len(runs) > 1 else {}


def _each_number(runs: list[dict[str, Any]], reduce: Callable[[list[float]], float]) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for key, first in runs[0].items():
        values = [run[key] for run in runs if key in run]
        if len(values) < len(runs):
            continue
        if isinstance(first, dict):
            result[key] = _each_number(values, reduce)
        elif isinstance(first, int | float) and not isinstance(first, bool):
            result[key] = reduce(values)
    return result
