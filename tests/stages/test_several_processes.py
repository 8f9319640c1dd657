"""Trainings with two processes, which torchrun starts, on a CPU with gloo."""

import csv
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest
from random_tokens import write_random_pairs, write_random_tokens
from stage_processes import ROOT, start_stage

from gradus.artifacts.json_files import write_json
from gradus.params import read_file
from gradus.pipeline.overlay import overlay

RECURRENT = {"embedding": 8, "hidden": 12}
TRANSFORMER = {"width": 8, "heads": 2, "layers": 1, "feedforward": 8}
COMMON = {"learning_rate": 0.01, "warmup_steps": 2, "epochs": 2}
LM = {**COMMON, "batch": 5, "chunk": 16}
SMALL: dict[str, Any] = {
    "train_lm": {
        "lstm": {"network": {**RECURRENT, "layers": 1, "dropout": 0.0}, "training": LM},
        "gru": {"network": {**RECURRENT, "layers": 1, "dropout": 0.2}, "training": {**LM, "optimizer": "muon"}},
        "transformer": {"network": {**TRANSFORMER, "dropout": 0.0, "window": 24}, "training": LM},
    },
    "train_mt": {"attention": {"network": {**RECURRENT, "layers": 1, "dropout": 0.0}, "training": COMMON}},
}
"""Changes of params.yaml. Five rows are two and three rows of the processes."""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with parameters, the tokens of random text, and those of random pairs."""
    monkeypatch.chdir(tmp_path)
    write_random_tokens(tmp_path / "data/tokens/lm")
    write_random_pairs(tmp_path / "data/tokens/mt")
    return tmp_path


def start(
    name: str, models: str, processes: int, changes: Mapping[str, Any] = MappingProxyType({}), *more: str
) -> subprocess.Popen[str]:
    """Start a training in a process of its own, with a parameter file of its own."""
    params = overlay(overlay(read_file(ROOT / "params.yaml", dict), SMALL), changes)
    write_json(Path(f"{models}.json"), {**params, "processes": processes})  # JSON is YAML
    stage = "train_mt" if name in SMALL["train_mt"] else "train_lm"
    options = ["--name", name, "--models", models, "--params", f"{models}.json", *more]
    return start_stage(stage, *options, stderr=subprocess.PIPE)


def train(*arguments: Any) -> str:
    """Train to the end; return what is logged."""
    with start(*arguments) as training:
        out, err = training.communicate(timeout=300)
    assert (training.returncode, err) == (0, "")
    return out


def losses(folder: Path) -> list[float]:
    """Return the losses of training and validation of every epoch."""
    keys = ("train_nats_per_token", "valid_nats_per_token")
    with (folder / "history.csv").open() as file:
        return [float(row[key]) for row in csv.DictReader(file) for key in keys]


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.mark.parametrize("name", ["lstm", "transformer", "attention"])
def test_two_processes_compute_the_losses_of_one_and_the_same_bytes_each_time(place: Path, name: str) -> None:
    assert len(train(name, "one", 1).splitlines()) == 2
    assert len(train(name, "two", 2).splitlines()) == 2  # only the first process prints
    np.testing.assert_allclose(losses(place / "two" / name), losses(place / "one" / name), rtol=1e-4)
    train(name, "again", 2)
    assert contents(place / "again" / name) == contents(place / "two" / name)
    assert contents(place / "one" / name) != contents(place / "two" / name)  # another order of sums


def workers(training: subprocess.Popen[str]) -> list[int]:
    """The processes that a launcher has started."""
    return [int(number) for number in Path(f"/proc/{training.pid}/task/{training.pid}/children").read_text().split()]


@pytest.fixture
def long() -> dict[str, Any]:
    """Changes for a training of more than 1,000 steps."""
    return {"train_lm": {"gru": {"training": {"epochs": 12, "patience": 12}}}}


@contextmanager
def after_first_epoch(*arguments: Any) -> Iterator[subprocess.Popen[str]]:
    """Start a training, and wait for its first epoch."""
    with start(*arguments) as training:
        assert training.stdout is not None
        assert training.stdout.readline().startswith("epoch 1")
        yield training


@pytest.fixture
def whole(place: Path, long: dict[str, Any]) -> Path:
    """The result of a training with two processes that was not killed."""
    train("gru", "whole", 2, long)
    return place / "whole/gru"


def test_the_death_of_one_ends_all_and_the_training_goes_on(whole: Path, long: dict[str, Any]) -> None:
    with after_first_epoch("gru", "models", 2, long, "--save-seconds", "0") as training:
        children = workers(training)
        os.kill(children[1], signal.SIGKILL)
        _, err = training.communicate(timeout=60)
    assert training.returncode == 1
    assert err == (
        "error: process 2 of 2 was killed by SIGKILL, and the others were stopped; run the stage again: it continues "
        "at its last checkpoint\n"
    )
    assert not any(Path(f"/proc/{child}").exists() for child in children)
    assert not Path("models/gru").exists()
    shutil.copytree(".gradus", "saved")

    assert train("gru", "models", 2, long).startswith("resumed after step ")
    assert contents(Path("models/gru")) == contents(whole)
    assert not list(Path(".gradus").glob("train_*"))

    shutil.copytree("saved", ".gradus", dirs_exist_ok=True)
    assert train("gru", "alone", 1, long).startswith("resumed after step ")
    np.testing.assert_allclose(losses(Path("alone/gru")), losses(whole), rtol=0.02)  # other dropout masks


@pytest.mark.parametrize(("stop", "code"), [(signal.SIGTERM, 143), (signal.SIGKILL, -9)])
def test_the_end_of_the_launcher_ends_all(place: Path, long: dict[str, Any], stop: signal.Signals, code: int) -> None:
    with after_first_epoch("gru", "models", 2, long) as training:
        children = workers(training)
        assert len(children) == 2
        training.send_signal(stop)
        assert training.wait(timeout=60) == code
        deadline = time.monotonic() + 30
        while any(Path(f"/proc/{child}").exists() for child in children):
            assert time.monotonic() < deadline
            time.sleep(0.1)
    assert not (place / "models/gru").exists()


def test_an_error_of_all_processes_is_one_line(place: Path) -> None:
    with start("lstm", "models", 6) as training:
        _, err = training.communicate(timeout=60)
    assert training.returncode == 2
    assert err == (
        "error: processes: expected at most 5, the rows of a batch, found 6; lower it, or raise training.batch\n"
    )
