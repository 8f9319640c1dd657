"""The real pipeline, every stage and architecture at a tiny size, in a clone of this repository's HEAD."""

import compileall
import re
import shutil
import sys
from pathlib import Path

import pytest
from clones import RESULTS, Clone, set_params, stages_run

from gradus.params import read_file
from gradus.pipeline.lock import read_entries
from gradus.pipeline.overlay import overlay

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("pipeline")]  # one process, one clone


def test_every_model_is_measured_and_nothing_unknown_to_git_is_left(clone: Clone) -> None:
    params = read_file(clone.path / "params.yaml", dict)
    for track, sections in (("lm", ("smooth_ngrams", "train_lm")), ("mt", ("train_mt",))):
        for name in (name for section in sections for name in params[section]):
            assert (clone.path / f"metrics/{track}/{name}.json").exists()
    assert (clone.path / "metrics/report/index.html").exists()
    committed = clone.run("git", "log", "--name-only", "--format=", f"--grep={RESULTS}").split()
    assert {name.split("/")[0] for name in committed} == {"dvc.lock", "metrics", "params.yaml"}


def test_a_second_run_does_nothing_whether_bytecode_is_written_or_not(clone: Clone) -> None:
    for package in ("gradus", "stages"):
        assert compileall.compile_dir(clone.path / package, quiet=1)
    assert stages_run(clone.dvc("repro")) == set()
    assert "Nothing has changed" in clone.gradus("repro")
    assert clone.run("git", "status", "--porcelain") == ""


@pytest.mark.parametrize(
    ("stage", "never"),
    [
        (("evaluate_lm", "katz"), ("torch", "gradus.networks", "gradus.training")),
        (("generate", "katz"), ("gradus.networks", "gradus.training")),
        (("evaluate_lm", "lstm"), ("gradus.ngram",)),
        (("generate", "lstm"), ("gradus.ngram",)),
        (("translate", "attention"), ("gradus.ngram",)),
    ],
)
def test_one_family_is_run_without_the_other_s_code_and_gives_the_same_bytes_again(
    clone: Clone, stage: tuple[str, str], never: tuple[str, ...]
) -> None:
    printed = clone.run(sys.executable, "-X", "importtime", "-m", f"stages.{stage[0]}", "--name", stage[1])
    imported = set(re.findall(r"^import time:.*\| +([\w.]+)$", printed, flags=re.MULTILINE))
    assert "gradus.params" in imported
    assert not {module for module in imported for name in never if f"{module}.".startswith(f"{name}.")}
    assert "up to date" in clone.dvc("status", f"{stage[0]}{'_ngram' * (stage[1] == 'katz')}@{stage[1]}")


def test_a_changed_parameter_runs_one_model_s_chain_only(clone: Clone) -> None:
    params = read_file(clone.path / "params.yaml", dict)
    set_params(clone, overlay(params, {"train_mt": {"attention": {"training": {"learning_rate": 0.02}}}}))
    chain = {"train_mt@attention", "translate@attention", "evaluate_mt@attention", "report"}
    assert stages_run(clone.dvc("repro")) == chain
    moved = clone.gradus("ci", "report", "--base", "HEAD", "--out", "ci-report.md")
    assert "wrote ci-report.md" in moved
    assert "| params | train_mt.attention.training.learning_rate |" in (clone.path / "ci-report.md").read_text()
    (clone.path / "ci-report.md").unlink()
    clone.commit("another learning rate")


@pytest.fixture(scope="module")
def pulled(clone: Clone, tmp_path_factory: pytest.TempPathFactory) -> Clone:
    """Push from one clone and pull in another, by way of a folder."""
    store = tmp_path_factory.mktemp("store")
    other = clone.cloned(clone.path.parent / "second")
    for one in (clone, other):
        one.dvc("remote", "add", "--local", "--default", "store", str(store))
        one.dvc("remote", "modify", "--local", "store", "verify", "true")
    clone.dvc("push")
    other.dvc("pull")
    return other


def test_what_was_pulled_runs_nothing(pulled: Clone) -> None:
    assert stages_run(pulled.dvc("repro")) == set()
    assert "0 changed, 0 missing" in pulled.gradus("verify")
    assert pulled.run("git", "status", "--porcelain") == ""


def test_a_file_that_rotted_in_the_remote_is_refused(pulled: Clone) -> None:
    out = read_entries(pulled.path / "dvc.lock")["train_lm@lstm"]["outs"][0]
    cache, store = pulled.path / ".dvc/cache", Path(pulled.dvc("remote", "list").split()[1])
    listing = (cache / "files/md5" / out["md5"][:2] / out["md5"][2:]).read_text()
    (weights,) = re.findall(r'"md5": "(\w+)", "relpath": "weights.safetensors"', listing)
    rotten = store / "files/md5" / weights[:2] / weights[2:]
    rotten.chmod(0o644)
    rotten.write_bytes(rotten.read_bytes()[:-1] + b"?")
    shutil.rmtree(cache)
    shutil.rmtree(pulled.path / out["path"])
    assert "failed to pull" in pulled.dvc("pull", "train_lm@lstm", code=1)
    assert not (pulled.path / out["path"] / "weights.safetensors").exists()
