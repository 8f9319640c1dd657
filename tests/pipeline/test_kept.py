"""A run on another corpus does not replace tracked results unasked."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gradus.cli.main import app
from gradus.committed import replaced_results
from gradus.pipeline.copies import snapshot, working_copy
from gradus.pipeline.device import set_device
from stages.acquire import app as acquire

PARAMS = """\
seed: 1
device: cpu
numerics: portable
acquire:
  lm: {corpus: builtin, language: en}
  mt: {corpus: builtin, src: en, tgt: de}
"""
PIPELINE = "stages: {mark: {cmd: touch begun, outs: [begun]}}\n"
PHRASE = "another acquire.lm, with which a run replaces 3 results that git tracks"


@pytest.fixture
def other(project: Path, commit: Callable[[str], None]) -> Path:
    """A repository with four tracked results, in which params.yaml names another corpus than the last commit."""
    (project / "params.yaml").write_text(PARAMS)
    (project / "dvc.yaml").write_text(PIPELINE)
    (project / ".gitignore").write_text("/begun\n/.gradus\n")
    for name in ("lm/lstm.json", "details/lm/lstm.json", "mt/plain.json", "tables/ladder.md", "recipes/seeds.json"):
        (project / "metrics" / name).parent.mkdir(parents=True, exist_ok=True)
        (project / "metrics" / name).write_text(json.dumps(name))
    commit("results")
    name_corpus("tales")
    return project


def name_corpus(corpus: str) -> None:
    Path("params.yaml").write_text(PARAMS.replace("lm: {corpus: builtin", f"lm: {{corpus: {corpus}"))


def repro(*options: str) -> tuple[int, str]:
    outcome = CliRunner().invoke(app, ["repro", *options])
    return outcome.exit_code, outcome.output


def test_another_corpus_is_refused_before_any_work(other: Path) -> None:
    code, printed = repro()
    assert code == 2 and not Path("begun").exists()
    assert f"params.yaml: expected the corpora of the last commit, found {PHRASE}; run a recipe" in printed
    assert "gradus recipe new" in printed and "--replace-results" in printed and len(printed.splitlines()) == 1


def test_with_the_option_the_run_goes_on_and_after_a_commit_nothing_is_asked(
    other: Path, commit: Callable[[str], None]
) -> None:
    assert repro("--replace-results")[0] == 0
    assert Path("begun").exists()
    commit("another corpus")
    assert repro()[0] == 0


def test_another_language_counts_and_another_key_does_not(other: Path) -> None:
    Path("params.yaml").write_text(PARAMS.replace("tgt: de", "tgt: fr"))
    assert replaced_results(Path("params.yaml")) == PHRASE.replace("lm", "mt").replace("3", "2")
    Path("params.yaml").write_text(PARAMS.replace("seed: 1", "seed: 2"))
    assert replaced_results(Path("params.yaml")) is None
    assert repro()[0] == 0


def test_a_continuous_integration_run_does_not_refuse(other: Path, commit: Callable[[str], None]) -> None:
    commit("another corpus")
    set_device(Path("params.yaml"), "cuda")  # what a runner changes
    assert CliRunner().invoke(app, ["ci", "run"]).exit_code == 0


@pytest.mark.parametrize("broken", ["no git", "no commit", "no results"])
def test_without_git_a_commit_or_results_nothing_is_refused(other: Path, broken: str, tmp_path: Path) -> None:
    if broken == "no git":
        (other / ".git").rename(tmp_path / "git")
    elif broken == "no commit":
        subprocess.run(["git", "update-ref", "-d", "HEAD"], check=True)
    else:
        subprocess.run(["git", "rm", "-r", "--quiet", "--cached", "metrics"], check=True)
    assert replaced_results(Path("params.yaml")) is None


def test_the_stage_acquire_says_it_on_standard_error(other: Path) -> None:
    Path("data/own/tales").mkdir(parents=True)
    Path("data/own/tales/text.txt").write_text("".join(f"line {number}\n" for number in range(40)))
    outcome = CliRunner().invoke(acquire, ["--name", "lm"])
    assert outcome.exit_code == 0, outcome.output
    assert f"warning: params.yaml has {PHRASE}" in outcome.stderr
    name_corpus("builtin")
    assert replaced_results(Path("params.yaml")) is None


def test_in_the_copy_of_a_recipe_nothing_is_said(other: Path) -> None:
    with working_copy("tales-seed1", snapshot()) as copy:
        assert (copy / "params.yaml").read_text() == Path("params.yaml").read_text()
        assert replaced_results(copy / "params.yaml") is None
    assert replaced_results(Path("params.yaml")) == PHRASE
