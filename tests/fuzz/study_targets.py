"""Readers of studies: their definitions, and the runs in their result files."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

from gradus.artifacts.json_files import write_json
from gradus.params import read_file
from gradus.pipeline.overlay import overrides
from gradus.results.files import as_json
from gradus.studies.definition import read_study, study_params
from gradus.studies.run import study_result
from gradus.studies.runs import BlockSums, StudyRun, is_complete, read_study_runs
from tests.fuzz.runner import Target
from tests.fuzz.samples import require_plain
from tests.study_cases import ORIGIN, study

PARAMS = """
smooth_ngrams: {katz: {kind: katz}}
train_lm: {rnn: {hidden: 8}, gru: {hidden: 8}}
interpolate: {}
adapt_lm: {}
measure_lm: {}
decode: {lm: {tokens: 9, strategies: {greedy: {kind: greedy}, top: {kind: sample}}}}
"""
STUDY = """
question: Which?
equal: all
formula: a / b
code: gradus/training/lm.py
stages: [evaluate_lm, measure_lm]
models: [rnn, gru, small]
equal_weights: [rnn, gru]
corpora:
  one: {seeds: [1, 2, 3]}
  two: {seeds: [1, 2, 3], params: {train_lm: {gru: {hidden: 9}}}}
params:
  train_lm: {small: {like: rnn, hidden: 2}}
  measure_lm: {memory: {kind: memory, lengths: [1, 2]}}
claims:
  - {sentence: a, better: gru, worse: [rnn, small], loss: line, by: 0.01}
  - {sentence: b, larger: gru.a / rnn.a, than: [1, small.a.0], unit: u, ratio: true, corpora: [one]}
  - {sentence: c, nearer: gru.a, to: rnn.a, than: [small.a], unit: u}
  - {sentence: d, varies: gru.a, by: 0.5}
plots: {p: {x: x, y: y, log_x: true, lines: {l: {points: {gru.a: 1, rnn.a: 2}}, m: {values: rnn.b, at: rnn.c}}}}
columns: {h: measured.memory.x}
"""
QUANTITIES = study(
    {"sentence": "a", "better": "one", "worse": ["two", "three"], "loss": "line"},
    {"sentence": "b", "larger": "one.a", "than": ["two.a", "one.a / two.a"], "unit": "u", "ratio": True},
    {"sentence": "c", "nearer": "one.a", "to": "two.a", "than": [1.5], "unit": "u"},
    plots={
        "p": {"x": "x", "y": "y", "lines": {"l": {"values": "one.b", "at": "one.c"}, "m": {"points": {"two.a": 1}}}}
    },
    columns={"h": "a"},
)


def _make_definition(folder: Path) -> None:
    (folder / "params.yaml").write_text(PARAMS)
    (folder / "one.yaml").write_text(STUDY)


def _read_definition(folder: Path) -> object:
    own, base = read_study("one", folder), read_file(folder / "params.yaml", dict[str, Any])
    params = [study_params(own, corpus, base) for corpus in own.corpora]
    require_plain({str(number): values for number, values in enumerate(params)})
    return own, [list(overrides(base, values)) for values in params]


def _make_runs(folder: Path) -> None:
    values: Any = {"one": {"a": 2.0, "b": [0.5, 0.25], "c": [1, 2]}, "two": {"a": 1.5}, "three": {}}
    losses = {name: {"line": BlockSums(nats=[20.0, 25.0 + i], tokens=[10, 11])} for i, name in enumerate(values)}
    runs = [StudyRun(seed=seed, origin=ORIGIN, minutes=1.5, values=values, losses=losses) for seed in (1, 2, 3)]
    write_json(folder / "one.json", {"corpora": {"text": list(map(asdict, runs))}})


def _read_runs(folder: Path) -> object:
    """Do what `gradus study` does if every seed already ran."""
    found = read_study_runs(folder / "one.json").get("text", [])
    return as_json(study_result(QUANTITIES, {"text": [run for run in found if is_complete(QUANTITIES, "text", run)]}))


TARGETS = {
    "study": Target(_make_definition, _read_definition, guarded=False, cases=40),
    "study_runs": Target(_make_runs, _read_runs, guarded=False, cases=60),
}
