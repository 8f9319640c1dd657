"""Runs of a study: what is read from a clone in which the pipeline has run, and kept in metrics/studies/NAME.json."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass as plain_dataclass
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator
from pydantic.dataclasses import dataclass

from gradus.artifacts.json_files import read_json
from gradus.errors import InputError
from gradus.evaluation.language_models.line_scores import read_line_scores
from gradus.params import STRICT
from gradus.pipeline.origin import Origin
from gradus.pipeline.runs import read_kept
from gradus.results.fields import Number, Step
from gradus.results.score import CONTEXTS
from gradus.studies.definition import Study, losses_of, quantities_of

_Real = Annotated[float, Field(ge=-sys.float_info.max, le=sys.float_info.max)]
_Whole = Annotated[int, Field(ge=-(10**18), le=10**18)]
Value = _Real | _Whole | list[_Real | _Whole]
"""Number or list of numbers. A training that diverges can have numbers near the largest float."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class BlockSums:
    """Loss of a model in each block of test lines."""

    nats: Annotated[list[Number], Field(min_length=2)]
    tokens: list[Step]

    @model_validator(mode="after")
    def _check_lengths(self) -> "BlockSums":
        if len(self.nats) != len(self.tokens) or sum(self.tokens) < 1:
            raise ValueError("sums of as many blocks in nats as in tokens, with at least one token")
        return self


@dataclass(frozen=True, kw_only=True, config=STRICT)
class StudyRun:
    """Run of a study on one corpus with one seed."""

    seed: Annotated[int, Field(ge=0, le=2**32 - 1)]
    origin: Origin
    """Code, parameters, versions and machine of the run."""
    values: dict[str, dict[str, Value]]
    """Dict from model to its numbers and lists of numbers, by path."""
    minutes: Annotated[float, Field(ge=0, le=10**6)]
    """Minutes that the run took on one core; stages from the cache take no time."""
    losses: dict[str, dict[str, BlockSums]]
    """Dict from model and name of a loss (`Better.loss`) to its sums in blocks of test lines."""


@plain_dataclass(frozen=True)
class RunFacts:
    """Facts about a run that are not among its results."""

    corpus: str
    seed: int
    origin: Origin
    minutes: float


def read_study_runs(path: Path) -> dict[str, list[StudyRun]]:
    """Return a dict from corpus to the runs in the result file of a study; an empty dict if there is no file.

    Raises:
        InputError: if the file is not the result of a study.
    """
    return read_kept(path, "corpora", dict[str, list[StudyRun]]) or {}


def collect(copy: Path, study: Study, params: Mapping[str, Any], facts: RunFacts) -> StudyRun:
    """Read the results of a run from the clone in which it ran.

    Args:
        copy: the clone.
        study: the study, which names the quantities to keep.
        params: parameters of the run.
        facts: facts about the run.
    Raises:
        InputError: if a model lacks a quantity that the study names.
    """
    wanted = quantities_of(study, facts.corpus)
    results = {model: _results(copy, model) for model in study.models}
    values = {model: _values(results[model], model, wanted.get(model, set()), wanted["*"]) for model in study.models}
    block = params["evaluate_lm"]["block"]
    losses = {
        model: {loss: _loss(copy, results[model], model, loss, block) for loss in sorted(names)}
        for model, names in losses_of(study, facts.corpus).items()
    }
    run = StudyRun(seed=facts.seed, origin=facts.origin, minutes=facts.minutes, values=values, losses=losses)
    for path in sorted(_missing_columns(study, run)):
        remedy = "correct the path in the study, or the stages that it runs"
        raise InputError(f"columns: {path}", expected="a number of at least one model", found="nothing", remedy=remedy)
    return run


def is_complete(study: Study, corpus: str, run: StudyRun) -> bool:
    """Return whether a run has all quantities that the study names for its corpus now.

    The study may have changed since the run.
    """
    wanted = quantities_of(study, corpus)
    wanted.pop("*")
    return (
        run.values.keys() == set(study.models)
        and all(paths <= run.values[model].keys() for model, paths in wanted.items())
        and all(losses <= run.losses.get(model, {}).keys() for model, losses in losses_of(study, corpus).items())
        and not _missing_columns(study, run)
    )


def _missing_columns(study: Study, run: StudyRun) -> set[str]:
    return set(study.columns.values()).difference(*run.values.values())


def _results(copy: Path, model: str) -> dict[str, Any]:
    """Return the content of a model's metrics file, and of its measurements under the key `measured`."""
    metrics, measured = copy / f"metrics/lm/{model}.json", (copy / f"data/measured/lm/{model}").glob("*.json")
    found = {path.stem: read_json(path) for path in sorted(measured)}
    return {**(read_json(metrics) if metrics.exists() else {}), "measured": found}


def _values(results: Mapping[str, Any], model: str, required: set[str], optional: set[str]) -> dict[str, Value]:
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


def _loss(copy: Path, results: Mapping[str, Any], model: str, loss: str, block: int) -> BlockSums:
    """Return the sums of a loss in blocks of test lines."""
    if loss in CONTEXTS:
        return _line_loss(copy, model, loss, block)
    nats, tokens = (_at(results, f"{loss}_{part}") for part in ("nats", "tokens"))
    if not (isinstance(nats, list) and isinstance(tokens, list)):
        where, remedy = f"{model}.{loss}", "correct the loss in the study, or the stages that it runs"
        raise InputError(where, expected="a loss in blocks of lines", found="nothing", remedy=remedy)
    return BlockSums(nats=nats, tokens=tokens)


def _line_loss(copy: Path, model: str, context: str, block: int) -> BlockSums:
    scores = read_line_scores(copy / f"data/scores/lm/{model}")
    if context not in scores.nats or scores.zeros[context].any():
        found = "a token with probability zero" if context in scores.nats else "no such scores"
        where, remedy = f"{model}, context {context}", "compare other models or contexts in the study"
        raise InputError(where, expected="finite scores of the test text", found=found, remedy=remedy)
    if len(scores.tokens) < 2:
        remedy = "use a longer test text"
        raise InputError(f"{model}: test text", expected="at least two lines", found="one line", remedy=remedy)
    starts = block_starts(len(scores.tokens), block)
    sums = [np.add.reduceat(values, starts).tolist() for values in (scores.nats[context], scores.tokens)]
    return BlockSums(nats=sums[0], tokens=sums[1])


def block_starts(lines: int, block: int) -> NDArray[np.int64]:
    """Return the first line of each block of lines. A short text has two blocks; the last block can be longer.

    Args:
        lines: number of lines, at least two.
        block: number of lines of a block.
    """
    return np.arange(max(2, lines // block)) * min(block, lines // 2)
