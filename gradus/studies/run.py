"""Run a study: one run of the pipeline per corpus and seed, each in a clone of the repository."""

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
from gradus.pipeline.queue import Experiment, Queue
from gradus.process import alone
from gradus.results.files import as_json
from gradus.results.study import StudyResult
from gradus.studies.claims import claim_results
from gradus.studies.definition import Study, study_params
from gradus.studies.figures import study_plots, study_rows
from gradus.studies.runs import RunFacts, StudyRun, collect, is_complete, read_study_runs
from gradus.studies.statistics import LEAST_SEEDS

Log = Callable[[str], None]

EQUAL_WEIGHTS = 0.05
"""Largest accepted relative difference between the numbers of weights of models that should be of equal size."""


@dataclass(frozen=True)
class _Setting:
    """Corpus, parameters and origin, which all runs of a study on one corpus share."""

    corpus: str
    params: Mapping[str, Any]
    """Parameters without the seed."""
    origin: Origin


@dataclass(frozen=True)
class StudyOptions:
    """Seeds and corpus of a study to run, and how to run them."""

    seeds: Sequence[int] = ()
    """Seeds besides those of the study, for a replication."""
    corpus: str = ""
    """Corpus to run; empty for all corpora of the study."""
    jobs: int = 1
    """Number of runs at a time."""
    replace: bool = False
    """Whether to discard all earlier runs."""


@dataclass
class StudyRunner:
    """A study that runs, and the runs that it has so far."""

    name: str
    study: Study
    path: Path
    """Result file, metrics/studies/NAME.json."""
    log: Log
    """Function that is called with each line of output."""
    found: dict[str, list[StudyRun]] = field(default_factory=dict)
    """Dict from corpus to its runs."""
    spent: dict[str, dict[int, float]] = field(default_factory=dict)
    """Dict from corpus and seed to the minutes of an earlier run. If the study names a new quantity, the run is read
    again from the cache, which takes less time."""

    def run(self, options: StudyOptions) -> None:
        """Run all missing seeds, in the repository of the current folder, and write the result file after each.

        A run in the result file counts if its code, parameters, package versions and processor are those of now, and
        if it has all quantities that the study names. The others are discarded as soon as the first new run of the
        study has ended.

        Raises:
            InputError: if the study does not fit params.yaml or lacks the corpus, or the result file is invalid.
            RunError: if a run fails.
        """
        if options.corpus and options.corpus not in self.study.corpora:
            expected = f"one of {', '.join(self.study.corpora)}"
            raise InputError("--corpus", expected=expected, found=options.corpus, remedy="correct the name")
        base: dict[str, Any] = read_file(PARAMS, dict)
        with alone(f"study-{self.name}"):  # two processes would overwrite each other's results
            earlier = read_study_runs(self.path)  # raises an error if the file is not a result, also with `replace`
            state, waiting = snapshot(), []
            for corpus, settings in self.study.corpora.items():
                params = study_params(self.study, corpus, base)
                require_seeds(self.study, corpus, params)
                setting = _Setting(corpus, params, origin_of(self.study.stages, ["lm"], params))
                same = [run for run in earlier.get(corpus, []) if not run.origin.differences(setting.origin)]
                self.spent[corpus] = {run.seed: run.minutes for run in same}
                self.found[corpus] = [
                    run for run in same if not options.replace and is_complete(self.study, corpus, run)
                ]
                missing = self._missing(corpus, [*settings.seeds, *options.seeds])
                if options.corpus in ("", corpus):
                    waiting += [self._experiment(setting, seed, state, base) for seed in missing]
            Queue(waiting, self.log).run(options.jobs)
            if any(self.found.values()):
                self._write()

    def _missing(self, corpus: str, seeds: Sequence[int]) -> list[int]:
        there = [run.seed for run in self.found[corpus]]
        if there:
            self.log(f"[{corpus}] seeds that already ran: {', '.join(map(str, there))}")
        return [seed for seed in dict.fromkeys(seeds) if seed not in there]

    def _experiment(self, setting: _Setting, seed: int, state: Snapshot, base: Mapping[str, Any]) -> Experiment:
        def keep(copy: Path, minutes: float) -> None:
            longest = max(minutes, self.spent[setting.corpus].get(seed, 0.0))
            run = collect(
                copy, self.study, setting.params, RunFacts(setting.corpus, seed, setting.origin, round(longest, 2))
            )
            require_equal_weights(self.study, run)
            self.found[setting.corpus] = sorted([*self.found[setting.corpus], run], key=lambda each: each.seed)
            self._write()

        name, label = f"{self.name}-{setting.corpus}-seed{seed}", f"{setting.corpus}, seed {seed}"
        return Experiment(name, label, state, base, {**setting.params, "seed": seed}, self.study.stages, keep)

    def _write(self) -> None:
        found = {corpus: runs for corpus, runs in self.found.items() if runs}
        corpora = {corpus: list(map(asdict, runs)) for corpus, runs in found.items()}
        with new_file(self.path, json_with("question", "claims", "corpora")) as part:
            write_json(part, {**as_json(study_result(self.study, found)), "corpora": corpora})


def study_result(study: Study, runs: Mapping[str, Sequence[StudyRun]]) -> StudyResult:
    """Return the result of a study: claims, plots and table.

    Args:
        study: the study.
        runs: dict from corpus to the runs so far. Only runs whose seed the study names enter the plots and the table.
    """
    own = {corpus: [run for run in each if run.seed in study.corpora[corpus].seeds] for corpus, each in runs.items()}
    return StudyResult(
        topic=study.topic,
        question=study.question,
        equal=study.equal,
        formula=study.formula,
        code=study.code,
        minutes={corpus: round(sum(run.minutes for run in each), 1) for corpus, each in own.items()},
        claims=claim_results(study, runs),
        plots=study_plots(study, own),
        rows=study_rows(study, own) if study.columns else [],
    )


def require_seeds(study: Study, corpus: str, params: Mapping[str, Any]) -> None:
    """Refuse networks with too few seeds, because their results depend on the seed; n-gram models need one seed.

    Raises:
        InputError: if the study runs a network with fewer than `LEAST_SEEDS` seeds on a corpus.
    """
    networks, seeds = [name for name in study.models if name in params["train_lm"]], study.corpora[corpus].seeds
    if networks and len(seeds) < LEAST_SEEDS:
        expected = f"at least {LEAST_SEEDS} seeds, because {networks[0]} depends on the seed"
        raise InputError(f"corpora: {corpus}.seeds", expected=expected, found=str(len(seeds)), remedy="add seeds")


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
