"""Runs are averaged only if the seed is their only difference."""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

from gradus.errors import InputError
from gradus.params import read_file
from gradus.pipeline.origin import Origin, origin_of
from gradus.pipeline.runs import Run, comparable_last, read_runs, seeds_apart, summary, write_runs
from gradus.pipeline.stages import evaluation_stages, gathered_by, read_stages, with_upstream

MACHINE: Mapping[str, str | int] = {"system": "Linux x86_64", "processor": "one", "cores": 2}
HERE = Origin(
    commit="c",
    code="k",
    parameters="p",
    device="cpu",
    numerics="native",
    versions={"torch": "2"},
    machine=dict(MACHINE),
)


def on(processor: str, system: str = "Linux x86_64", **more: str) -> dict[str, str | int]:
    return {**MACHINE, "processor": processor, "system": system, **more}


@pytest.mark.parametrize(
    ("changes", "both", "expected"),
    [
        ({}, {}, []),
        ({"commit": "d"}, {}, []),
        ({"code": "l"}, {}, ["code"]),
        ({"parameters": "q"}, {}, ["parameters"]),
        ({"versions": {"torch": "3"}}, {}, ["versions"]),
        ({"versions": {"torch": "2", "dvc": "3"}}, {}, []),
        ({"machine": on("one", cores="9")}, {}, []),
        ({"machine": on("two")}, {}, ["processor"]),
        ({"machine": on("one", processor_model="stepping 2")}, {}, ["processor"]),
        ({"machine": on("two")}, {"numerics": "portable"}, []),
        ({"machine": on("two", "Darwin arm64")}, {"numerics": "portable"}, ["processor"]),
        ({"machine": on("two")}, {"numerics": "portable", "device": "cuda"}, ["processor"]),
        ({"machine": on("one", gpu="H")}, {}, []),
        ({"machine": on("one", gpu="H")}, {"device": "cuda"}, ["processor"]),
        ({"numerics": "portable", "machine": on("two"), "code": "l"}, {}, ["code", "processor"]),
    ],
)
def test_differences_between_origins(changes: dict[str, Any], both: dict[str, Any], expected: list[str]) -> None:
    one = replace(HERE, **both)
    other = replace(one, **changes)
    assert one.differences(other) == other.differences(one) == expected


def test_only_runs_comparable_with_the_last_are_averaged() -> None:
    def run(seed: int, bleu: float, **changes: Any) -> Run:
        return Run(seed=seed, origin=replace(HERE, **changes), metrics={"mt": {"plain": {"bleu": bleu}}})

    runs = [run(2, 10.0), run(1, 99.0, code="l"), run(3, 77.0, machine=on("two"), code="l"), run(1, 20.0, commit="d")]
    runs = comparable_last(runs, HERE)
    assert [(run.seed, run.origin.code) for run in runs] == [(1, "l"), (3, "l"), (1, "k"), (2, "k")]
    found = summary(runs)
    assert found["mean"] == {"mt": {"plain": {"bleu": 15.0}}}
    assert found["deviation"] == {"mt": {"plain": {"bleu": pytest.approx(50**0.5)}}}  # sqrt((5^2 + 5^2) / 1)
    assert (found["seeds"], found["commits"], found["processors"]) == ([1, 2], ["d", "c"], ["one"])
    assert found["apart"] == seeds_apart(runs, HERE) == {"code": [1], "code, processor": [3]}


def test_runs_survive_writing_and_reading(tmp_path: Path) -> None:
    runs = [
        Run(seed=seed, origin=HERE, metrics={"lm": {"lstm": {"test": {"tokens": 3, "nats": 0.1}}}}) for seed in (2, 1)
    ]
    write_runs(tmp_path / "one.json", {"description": "d"}, runs)
    assert read_runs(tmp_path / "one.json") == runs


@pytest.mark.parametrize(
    ("place", "wrong"),
    [
        ((), {"1": {"mt": {}}}),
        ((0,), None),
        ((0, "seed"), "1"),
        ((0, "origin", "code"), 5),
        ((0, "origin", "machine", "cores"), [1.5]),
        ((0, "metrics", "mt"), [1]),
        ((0, "more"), 1),
    ],
)
def test_an_invalid_run_is_refused(tmp_path: Path, place: tuple[Any, ...], wrong: Any) -> None:
    content: Any = {"": [asdict(Run(seed=1, origin=HERE, metrics={"mt": {"plain": {"bleu": 1.0}}}))]}
    inner, key = content, ""
    for step in place:
        inner, key = inner[key], step
    inner[key] = wrong
    (tmp_path / "one.json").write_text(json.dumps({"runs": content[""]}))
    with pytest.raises(InputError, match=r"one.json: runs.*: expected .*; move the file away$"):
        read_runs(tmp_path / "one.json")


def test_the_stages_of_a_track_are_its_evaluation_and_everything_upstream() -> None:
    stages = read_stages()
    found = {track: with_upstream(evaluation_stages([track], stages), stages) for track in ("lm", "mt")}
    assert found["mt"] == ["acquire", "tokenize", "train_mt", "translate", "evaluate_mt"]
    further = {"measure_lm", "measure_ngram"}  # only studies need these
    assert set(stages) - set(found["lm"]) - further == {"train_mt", "translate", "evaluate_mt", "report"}


@pytest.fixture
def code(small: Path) -> Callable[[], tuple[str, str]]:
    """Return a function that hashes the code and the parameters of the small pipeline."""

    def hashes() -> tuple[str, str]:
        origin = origin_of(["evaluate_mt"], ["mt"], read_file(small / "params.yaml", dict))
        return origin.code, origin.parameters

    return hashes


def test_the_code_hash_covers_dependencies_of_stages_also_uncommitted(
    small: Path, code: Callable[[], tuple[str, str]], commit: Callable[[str], None]
) -> None:
    first = code()
    (small / "README.md").write_text("a page")
    commit("a page")
    assert code() == first
    (small / "work.py").write_text((small / "work.py").read_text() + "# edited\n")
    edited = code()
    assert edited[0] != first[0] and edited[1] == first[1]
    commit("the edit")
    assert code() == edited


def test_the_parameter_hash_omits_the_seed_and_unused_parameters(
    small: Path, code: Callable[[], tuple[str, str]]
) -> None:
    first, text = code(), (small / "params.yaml").read_text()
    (small / "params.yaml").write_text(text.replace("seed: 1", "seed: 2").replace("hidden: 4", "hidden: 5"))
    assert code() == first  # hidden is of the other track
    (small / "params.yaml").write_text(text.replace("epochs: 3", "epochs: 4"))
    assert code()[0] == first[0] and code()[1] != first[1]


def test_the_code_hash_covers_own_text_of_the_named_corpus(small: Path, code: Callable[[], tuple[str, str]]) -> None:
    params = small / "params.yaml"
    params.write_text(params.read_text() + "acquire: {mt: {corpus: mine}}\n")
    first = code()
    for corpus in ("other", "mine"):
        (small / "data/own" / corpus).mkdir(parents=True)
    (small / "data/own/other/text.txt").write_text("a\n")
    assert code() == first
    (small / "data/own/mine/text.txt").write_text("a\n")
    assert code() != first


def test_only_mixtures_and_adapting_networks_read_a_folder_of_cached_outputs() -> None:
    stages = read_stages()
    found = {name: gathered_by(name, stages) for name in stages}
    assert {name: others for name, others in found.items() if others} == {
        "interpolate": ["train_lm", "smooth_ngrams"],
        "evaluate_lm_adapted": ["train_lm", "smooth_ngrams"],
    }
