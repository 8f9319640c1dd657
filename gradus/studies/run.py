"""Run a study: one run of the pipeline per corpus and seed, each in a clone of the repository."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from gradus.artifacts.json_files import json_with, write_json
from gradus.artifacts.places import new_file
from gradus.errors import InputError
from gradus.params import read_file
from gradus.pipeline.copies import Snapshot, snapshot
from gradus.pipeline.dvc import PARAMS
from gradus.pipeline.origin import Origin, origin_of
from gradus.pipeline.seeds import Experiment, Seeds
from gradus.process import alone
from gradus.results.files import as_json
from gradus.results.study import StudyResult
from gradus.studies.claims import claim_results
from gradus.studies.definition import Study, study_params
from gradus.studies.figures import study_plots, study_rows
from gradus.studies.runs import CorpusRuns, StudyRun, collect, read_study_runs

Log = Callable[[str], None]

EQUAL_WEIGHTS = 0.05
"""Largest accepted relative difference between the numbers of weights of models that should be of equal size."""


@dataclass
class StudyRunner:
    """A study that runs, and the runs that it has so far."""

    name: str
    study: Study
    path: Path
    """Result file, metrics/studies/NAME.json."""
    log: Log
    """Function that is called with each line of output."""
    found: dict[str, CorpusRuns] = field(default_factory=dict)
    """Dict from corpus to its runs."""

    def run(self, *, seeds: Sequence[int], jobs: int, replace: bool) -> None:
        """Run all missing seeds, in the repository of the current folder, and write the result file after each.

        A run of the result file counts if its code, parameters, package versions and processor are those of now. The
        others are discarded as soon as the first new run of their corpus has ended.

        Args:
            seeds: seeds to run besides those of the study, for a replication.
            jobs: number of seeds that run at once.
            replace: discard all earlier runs.
        Raises:
            InputError: if the study does not fit params.yaml, or the result file is invalid.
            RunError: if a run fails.
        """
        base: dict[str, Any] = read_file(PARAMS, dict)
        with alone(f"study-{self.name}"):  # two processes would overwrite each other's results
            self.found = {} if replace else read_study_runs(self.path)
            state = snapshot()
            for corpus in self.study.corpora:
                params = study_params(self.study, corpus, base)
                origin = origin_of(self.study.stages, ["lm"], params)
                wanted = list(dict.fromkeys([*self.study.corpora[corpus].seeds, *seeds]))
                self._run_corpus(corpus, _Setting(base, params, state, origin), wanted, jobs)
            self._write()

    def _run_corpus(self, corpus: str, setting: "_Setting", seeds: list[int], jobs: int) -> None:
        there = self.found.get(corpus, CorpusRuns(minutes=0.0, runs=[]))
        kept = [run for run in there.runs if not run.origin.differences(setting.origin)]
        missing = [seed for seed in seeds if seed not in [run.seed for run in kept]]
        if len(missing) < len(seeds):
            self.log(f"{corpus}: {len(seeds) - len(missing)} of {len(seeds)} seeds already ran")
        minutes, started = there.minutes if kept else 0.0, time.monotonic()

        def finished(seed: int, run: StudyRun) -> None:
            kept.append(run)
            kept.sort(key=lambda each: each.seed)
            spent = (time.monotonic() - started) / 60
            self.found[corpus] = CorpusRuns(minutes=minutes + spent, runs=list(kept))
            self._write()

        experiment = Experiment(
            f"{self.name}-{corpus}", setting.state, setting.base, setting.params, self.study.stages,
            lambda copy, seed: self._collect(copy, setting, seed),
        )  # fmt: skip
        Seeds(experiment, missing, finished, lambda line: self.log(f"[{corpus}] {line}")).run(jobs)

    def _collect(self, copy: Path, setting: "_Setting", seed: int) -> StudyRun:
        run = collect(copy, self.study, setting.params, seed=seed, origin=setting.origin)
        require_equal_weights(self.study, run)
        return run

    def result(self) -> StudyResult:
        """Return the result of the study, from the runs so far."""
        runs = {corpus: self.found[corpus].runs for corpus in self.study.corpora if corpus in self.found}
        own = {
            corpus: [run for run in each if run.seed in self.study.corpora[corpus].seeds]
            for corpus, each in runs.items()
        }
        return StudyResult(
            question=self.study.question,
            equal=self.study.equal,
            formula=self.study.formula,
            code=self.study.code,
            minutes={corpus: round(self.found[corpus].minutes, 1) for corpus in runs},
            claims=claim_results(self.study, runs),
            plots=study_plots(self.study, own),
            rows=study_rows(self.study, own) if self.study.columns else [],
        )

    def _write(self) -> None:
        runs = {corpus: asdict(self.found[corpus]) for corpus in self.study.corpora if corpus in self.found}
        with new_file(self.path, json_with("question", "claims", "corpora")) as part:
            write_json(part, {**as_json(self.result()), "corpora": runs})


@dataclass(frozen=True)
class _Setting:
    """What all runs on one corpus share."""

    base: Mapping[str, Any]
    params: Mapping[str, Any]
    state: Snapshot
    origin: Origin


def require_equal_weights(study: Study, run: StudyRun) -> None:
    """Refuse models that should be of equal size, but are not.

    Raises:
        InputError: if the numbers of weights of the models in `equal_weights` differ by more than `EQUAL_WEIGHTS`.
    """
    weights = {model: run.values[model]["model.parameters"] for model in study.equal_weights}
    counts = [count for count in weights.values() if isinstance(count, int | float)]
    if counts and max(counts) > (1 + EQUAL_WEIGHTS) * min(counts):
        raise InputError(
            "equal_weights",
            expected=f"numbers of weights that differ by at most {EQUAL_WEIGHTS:.0%}",
            found=", ".join(f"{model} {count}" for model, count in weights.items()),
            remedy="change the sizes of the networks in the study",
        )
