"""Runs of a recipe in metrics/recipes/NAME.json, with mean and standard deviation over comparable runs.

Two runs are comparable if only their seeds differ, that is, if `Origin.differences` is empty. The file keeps all runs.
Mean and deviation are computed from the last run in the file and the runs that are comparable with the last run.
"""

import statistics
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import Field
from pydantic.dataclasses import dataclass

from gradus.artifacts.json_files import json_with, read_json, write_json
from gradus.artifacts.places import new_file
from gradus.errors import InputError
from gradus.params import STRICT, validated
from gradus.pipeline.origin import Origin

Kept = TypeVar("Kept")
"""Type of the runs in a result file."""
Metrics = dict[str, dict[str, dict[str, Any]]]
"""Content of every metrics file. The outer key is the track (`lm` or `mt`), the inner key is the model."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Run:
    """Run of a recipe with one seed."""

    seed: Annotated[int, Field(ge=0, le=2**32 - 1)]
    """Value of the parameter `seed`."""
    origin: Origin
    """Code, parameters, versions and machine of the run."""
    metrics: Metrics
    """Content of every metrics file."""


def read_runs(path: Path) -> list[Run]:
    """Read the runs of a result file; return an empty list if the file does not exist.

    Raises:
        InputError: if the file is not a result file.
    """
    return read_kept(path, "runs", list[Run]) or []


def read_kept(path: Path, key: str, kind: type[Kept]) -> Kept | None:
    """Read the runs that a result file keeps under a key; return None if the file does not exist.

    Raises:
        InputError: if the file has no runs of this kind.
    """
    if not path.exists():
        return None
    try:
        return validated(read_json(path).get(key), f"{path}: {key}", kind)
    except InputError as error:
        remedy = "move the file away"  # the user may want to keep it, so it is not overwritten
        raise InputError(error.where, expected=error.expected, found=error.found, remedy=remedy) from None


def write_runs(path: Path, about: Mapping[str, Any], runs: Iterable[Run]) -> None:
    """Write the result file of a recipe; after a failure the old file is unchanged.

    Args:
        path: the file.
        about: description, tracks and params of the recipe.
        runs: all runs to keep, at least one. The last run and the runs comparable with it are averaged.
    """
    with new_file(path, json_with("runs", "mean", "deviation", "seeds")) as part:
        write_json(part, {**about, **summary(list(runs))})


def comparable_runs(runs: Iterable[Run], origin: Origin) -> list[Run]:
    """Return the runs that are comparable with a run of the given origin."""
    return [run for run in runs if not run.origin.differences(origin)]


def averaged_runs(runs: list[Run]) -> list[Run]:
    """Return the runs that are averaged: the last run and the runs comparable with it; no run if there is none."""
    return comparable_runs(runs, runs[-1].origin) if runs else []


def comparable_last(runs: Iterable[Run], origin: Origin) -> list[Run]:
    """Return all runs. The runs that are comparable with a run of the given origin come last, sorted by seed."""
    runs = list(runs)
    last = comparable_runs(runs, origin)
    return [run for run in runs if run not in last] + sorted(last, key=lambda run: run.seed)


def seeds_apart(runs: Iterable[Run], origin: Origin) -> dict[str, list[int]]:
    """Return the seeds of the runs that differ from `origin`, grouped by the difference, such as `code, processor`."""
    result: dict[str, list[int]] = {}
    for run in runs:
        if difference := ", ".join(run.origin.differences(origin)):
            result.setdefault(difference, []).append(run.seed)
    return result


def summary(runs: list[Run]) -> dict[str, Any]:
    """Return the content of a result file: all runs, and averages over the last run and its comparable runs.

    Returns:
        `seeds`, `mean`, `deviation`, `commits` and `processors` are about the averaged runs. `apart` is about the
        other runs: a dict from each difference to the seeds of the runs with this difference. `runs` lists all runs.
        `mean` and `deviation` have the nested keys of `Run.metrics`.
    """
    group = averaged_runs(runs)
    mean, deviation = mean_and_deviation([run.metrics for run in group])
    return {
        "seeds": [run.seed for run in group],
        "mean": mean,
        "deviation": deviation,
        "commits": _distinct(run.origin.commit for run in group),
        "processors": _distinct(str(run.origin.machine.get("processor")) for run in group),
        "apart": seeds_apart(runs, runs[-1].origin),
        "runs": list(map(asdict, runs)),
    }


def _distinct(texts: Iterable[str]) -> list[str]:
    """Return each text once, in the order of the first occurrences."""
    return list(dict.fromkeys(texts))


def mean_and_deviation(runs: list[dict[str, Any]]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the mean and the sample standard deviation (divisor n - 1) of every number in the runs.

    Both results have the nested keys of the runs. A key is left out if its value is not a number, or if at least one
    run lacks it; for example, a run with an infinite perplexity lacks the key of the perplexity. If there is only one
    run, the second result is {}.
    """
    return _each_number(runs, statistics.fmean), _each_number(runs, statistics.stdev) if len(runs) > 1 else {}


def _each_number(runs: list[dict[str, Any]], reduce: Callable[[list[float]], float]) -> dict[str, Any]:
    """Apply `reduce` to each metric. The function gets the list of the metric's values, one value per run."""
    result: dict[str, Any] = {}
    for key, first in runs[0].items():
        values = [run[key] for run in runs if key in run]
        if len(values) < len(runs):
            continue
        if isinstance(first, dict):
            result[key] = _each_number(values, reduce)
        elif isinstance(first, int | float) and not isinstance(first, bool):  # a bool is an int in Python
            result[key] = reduce(values)
    return result
