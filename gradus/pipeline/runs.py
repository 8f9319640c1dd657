"""Records of a recipe's runs in metrics/recipes/NAME.json, and the summary of those that belong together.

Runs that differ in more than their seed stay in the file, but only the runs of one group are averaged: those whose
origins have no `differences`. It is the group of the last command; its runs stand at the end of the file.
"""

import statistics
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field
from pydantic.dataclasses import dataclass

from gradus.artifacts.json_files import json_with, read_json, write_json
from gradus.artifacts.places import new_file
from gradus.errors import InputError
from gradus.params import STRICT, validated
from gradus.pipeline.origin import Origin


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Run:
    """One seed's run.

    Attributes:
        seed: the parameter.
        origin: what else decided its numbers.
        metrics: track -> model -> the content of its metrics file.
    """

    seed: Annotated[int, Field(ge=0, le=2**32 - 1)]
    origin: Origin
    metrics: dict[str, dict[str, dict[str, Any]]]


def read_runs(path: Path) -> list[Run]:
    """Read the runs of a recipe's file, in its order; none if there is no file.

    Raises:
        InputError: if something else is there.
    """
    if not path.exists():
        return []
    try:
        return validated(read_json(path).get("runs"), f"{path}: runs", list[Run])
    except InputError as error:
        remedy = "move the file away"
        raise InputError(error.where, expected=error.expected, found=error.found, remedy=remedy) from None


def write_runs(path: Path, about: Mapping[str, Any], runs: Iterable[Run]) -> None:
    """Replace a recipe's file, whole or not at all.

    Args:
        path: where it is.
        about: the recipe: description, tracks, params (the overlay).
        runs: all that are kept, at least one; the last one's group is the one that the summary is about.
    """
    with new_file(path, json_with("runs", "mean", "deviation", "seeds")) as part:
        write_json(part, {**about, **summary(list(runs))})


def alike(runs: Iterable[Run], origin: Origin) -> list[Run]:
    """Return the runs that may be averaged with one of some origin."""
    return [run for run in runs if not run.origin.differences(origin)]


def grouped(runs: Iterable[Run], origin: Origin) -> list[Run]:
    """Put the runs that are alike to the end, by seed."""
    runs = list(runs)
    last = alike(runs, origin)
    return [run for run in runs if run not in last] + sorted(last, key=lambda run: run.seed)


def apart(runs: Iterable[Run], origin: Origin) -> dict[str, list[int]]:
    """Return the seeds of the runs that are not alike, by what differs, such as `code, processor`."""
    result: dict[str, list[int]] = {}
    for run in runs:
        if differs := ", ".join(run.origin.differences(origin)):
            result.setdefault(differs, []).append(run.seed)
    return result


def summary(runs: list[Run]) -> dict[str, Any]:
    """Describe all runs and average those of the last one's group.

    Returns:
        seeds, mean, deviation, commits and processors of the group; `apart`, the seeds of the other runs by what
        differs; runs, all of them. Mean and deviation: track -> model -> the numbers of its metrics file.
    """
    last = runs[-1].origin
    group = alike(runs, last)
    mean, deviation = mean_and_deviation([run.metrics for run in group])
    return {
        "seeds": [run.seed for run in group],
        "mean": mean,
        "deviation": deviation,
        "commits": _distinct(run.origin.commit for run in group),
        "processors": _distinct(str(run.origin.machine.get("processor")) for run in group),
        "apart": apart(runs, last),
        "runs": list(map(asdict, runs)),
    }


def _distinct(texts: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(texts))


def mean_and_deviation(runs: list[dict[str, Any]]) -> tuple[dict[str, Any], dict[str, Any]]:
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
