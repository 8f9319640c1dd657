"""Explanations of results that differ from the committed ones."""

import re
import subprocess
from pathlib import Path

import pytest

from gradus.numerics import VARIABLE
from gradus.pipeline import unexpected
from gradus.pipeline.unexpected import unexpected_results

LOCK = """\
schema: '2.0'
stages:
  train:
    cmd: exec train
    deps:
    - path: text
      hash: md5
      md5: {text}
      size: 3
    outs:
    - path: model
      hash: md5
      md5: {model}
      size: 3
"""
OLD, NEW = "a" * 32, "b" * 32


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Enter a repository with a committed dvc.lock."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(unexpected, "portable", lambda: True)
    Path("dvc.lock").write_text(LOCK.format(text=OLD, model=OLD))
    Path("params.yaml").write_text("device: cpu\n")
    for command in (["init", "--quiet"], ["add", "."], ["commit", "--quiet", "--message", "results"]):
        subprocess.run(["git", "-c", "user.name=a", "-c", "user.email=a@example.com", *command], check=True)
    return tmp_path


@pytest.mark.parametrize(("text", "model"), [(OLD, OLD), (NEW, NEW)])
def test_equal_results_and_other_inputs_need_no_explanation(folder: Path, text: str, model: str) -> None:
    Path("dvc.lock").write_text(LOCK.format(text=text, model=model))
    assert unexpected_results() == []


@pytest.mark.parametrize(
    ("params", "requirements", "reason"),
    [
        ("cpu", "", "Reason: unknown. .* please report a bug"),
        ("cuda", "", "Reason: a GPU was used. This is expected"),
        (
            "cpu",
            "numpy==0.1 \\\n    --hash=sha256:00\n    # via numba\nnumba==0.2\nzope==3\n",
            r"Reason: numpy 0.1 is required, but \d\S* is installed; numba 0.2 is required, but \S* is installed. ",
        ),
    ],
)
def test_other_results_of_equal_inputs_are_explained(folder: Path, params: str, requirements: str, reason: str) -> None:
    Path("dvc.lock").write_text(LOCK.format(text=OLD, model=NEW))
    Path("params.yaml").write_text(f"device: {params}\n")
    Path("requirements.txt").write_text(requirements)
    lines = unexpected_results()
    assert lines[0] == "These stages have the same inputs as in the last commit, but other outputs: train."
    assert re.match(reason, lines[1])


def test_native_kernels_are_a_reason(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    monkeypatch.chdir(folder)
    monkeypatch.setenv(VARIABLE, "native")
    Path("dvc.lock").write_text(LOCK.format(text=OLD, model=NEW))
    assert unexpected_results()[1].startswith("Reason: this processor has no portable kernels, or the variable")


def test_without_a_commit_there_is_no_explanation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert unexpected_results() == []
