"""Runs of a study: what is read from a clone in which the pipeline has run, and kept in metrics/studies/NAME.json."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from pydantic import Field
from pydantic.dataclasses import dataclass

from gradus.artifacts.json_files import read_json
from gradus.errors import InputError
from gradus.evaluation.language_models.line_scores import read_line_scores
from gradus.params import STRICT, validated
from gradus.pipeline.origin import Origin
from gradus.results.score import Context
from gradus.studies.definition import Study, quantities_of, scored_of

Value = float | int | list[float | int]


@dataclass(frozen=True, kw_only=True, config=STRICT)
class StudyRun:
    """Run of a study on one corpus with one seed."""

    seed: Annotated[int, Field(ge=0, le=2**32 - 1)]
    origin: Origin
    """Code, parameters, versions and machine of the run."""
    values: dict[str, dict[str, Value]]
    """Dict from model to its numbers and lists of numbers, by path."""
    tokens: list[int]
    """Number of tokens in each block of test lines; empty if no claim compares losses."""
    nats: dict[str, dict[Context, list[float]]]
    """Dict from model and context to the loss of each block, in nats."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class CorpusRuns:
    """Runs of a study on one corpus."""

    minutes: float
    """Minutes of the runs, added up over the seeds."""
    runs: list[StudyRun]


def read_study_runs(path: Path) -> dict[str, CorpusRuns]:
    """Return a dict from corpus to the runs in the result file of a study; an empty dict if there is no file.

    Raises:
        InputError: if the file is not the result of a study.
    """
    if not path.exists():
        return {}
    try:
        return validated(read_json(path).get("corpora"), f"{path}: corpora", dict[str, CorpusRuns])
    except InputError as error:
        remedy = "move the file away"  # the user may want to keep it, so it is not overwritten
        raise InputError(error.where, expected=error.expected, found=error.found, remedy=remedy) from None


def collect(copy: Path, study: Study, params: Mapping[str, Any], *, seed: int, origin: Origin) -> StudyRun:
    """Read the results of a run from the clone in which it ran.

    Args:
        copy: the clone.
        study: the study, which names the quantities to keep.
        params: parameters of the run.
        seed: seed of the run.
        origin: origin of the run.
    Raises:
        InputError: if a model lacks a quantity that the study names.
    """
    wanted, scored = quantities_of(study), scored_of(study)
    values = {model: _values(copy, model, wanted.get(model, set()), wanted["*"]) for model in study.models}
    tokens: list[int] = []
    nats: dict[str, dict[Context, list[float]]] = {}
    for model, contexts in scored.items():
        tokens, nats[model] = _blocks(copy, model, sorted(contexts), params["evaluate_lm"]["block"])
    return StudyRun(seed=seed, origin=origin, values=values, tokens=tokens, nats=nats)


def _values(copy: Path, model: str, required: set[str], optional: set[str]) -> dict[str, Value]:
    results: dict[str, Any] = {"measured": {}}
    if (metrics := copy / f"metrics/lm/{model}.json").exists():
        results |= read_json(metrics)
    for path in sorted((copy / f"data/measured/lm/{model}").glob("*.json")):
        results["measured"][path.stem] = read_json(path)
    found = {place: _at(results, place) for place in sorted(required | optional)}
    for place in required:
        if found[place] is None:
            where, remedy = f"{model}.{place}", "correct the path in the study, or the stages that it runs"
            raise InputError(where, expected="a number in the results", found="nothing", remedy=remedy)
    return {place: value for place, value in found.items() if value is not None}


def _at(results: Any, path: str) -> Value | None:
    """Return the number or the list of numbers at a dotted path; None if there is none. Lists are indexed from 0."""
    for part in path.split("."):
        if isinstance(results, list):
            results = results[int(part)] if part.isdecimal() and int(part) < len(results) else None
        else:
            results = results.get(part) if isinstance(results, Mapping) else None
    numbers = results if isinstance(results, list) else [results]
    good = all(isinstance(each, int | float) and not isinstance(each, bool) for each in numbers)
    return results if good else None


def _blocks(
    copy: Path, model: str, contexts: list[Context], block: int
) -> tuple[list[int], dict[Context, list[float]]]:
    """Return the number of tokens and the loss in each block of test lines; the last block may be longer."""
    scores = read_line_scores(copy / f"data/scores/lm/{model}")
    starts = np.arange(max(2, len(scores.tokens) // block)) * min(block, len(scores.tokens) // 2)
    nats: dict[Context, list[float]] = {}
    for context in contexts:
        if context not in scores.nats or scores.zeros[context].any():
            found = "a token with probability zero" if context in scores.nats else "no such scores"
            where, remedy = f"{model}, context {context}", "compare other models or contexts in the study"
            raise InputError(where, expected="finite scores of the test text", found=found, remedy=remedy)
        nats[context] = np.add.reduceat(scores.nats[context], starts).tolist()
    return np.add.reduceat(scores.tokens, starts).tolist(), nats
