import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from conftest import WORK
from typer.testing import CliRunner

from gradus.cli.main import app
from gradus.errors import InputError
from gradus.params import read_file
from gradus.pipeline.overlay import overlay
from gradus.pipeline.recipe import read_recipe, recipe_names, summary

RECIPE = """\
description: longer, with another score
tracks: [mt]
params:
  train_mt:
    plain: null
    attention: {training: {epochs: 5}}
    general: {network: {kind: recurrent, attention: {score: general}}, training: {epochs: 4}}
"""


@pytest.fixture
def longer(small: Path, commit: Callable[[str], None]) -> Path:
    (small / "experiments").mkdir()
    (small / "experiments/longer.yaml").write_text(RECIPE)
    commit("a recipe")
    return small


def test_a_recipe_runs_per_seed_and_leaves_everything_else_as_it_was(longer: Path) -> None:
    result = CliRunner().invoke(app, ["recipe", "longer", "--seeds", "1,3"])
    assert result.exit_code == 0, result.output
    kept = json.loads((longer / "metrics/recipes/longer.json").read_text())
    assert kept["runs"] == {
        seed: {
            "mt": {
                "attention": {"bleu": bleu, "epochs": 5, "signature": "x"},
                "general": {"bleu": bleu, "epochs": 4, "signature": "x"},
            }
        }
        for seed, bleu in (("1", 10.0), ("3", 30.0))
    }
    assert kept["mean"]["mt"]["general"] == {"bleu": 20.0, "epochs": 4.0}
    assert kept["deviation"]["mt"]["general"] == {"bleu": pytest.approx(200**0.5), "epochs": 0.0}  # sqrt((10^2+10^2)/1)
    assert kept["params"]["train_mt"]["attention"] == {"training": {"epochs": 5}}
    assert kept["commit"] == subprocess.check_output(["git", "rev-parse", "HEAD"], text=True).strip()
    assert set(kept["versions"]) > {"python", "torch", "dvc"}
    assert set(kept["machine"]) >= {"processor", "cores", "memory_gib"}
    changed = subprocess.check_output(["git", "status", "--porcelain"], text=True)
    assert changed == "?? metrics/\n"


def test_a_recipe_can_be_run_again(longer: Path) -> None:
    arguments = ["recipe", "longer"]
    first = CliRunner().invoke(app, arguments)
    kept = (longer / "metrics/recipes/longer.json").read_text()
    second = CliRunner().invoke(app, arguments)
    assert (first.exit_code, second.exit_code) == (0, 0), second.output
    assert json.loads(kept)["seeds"] == [1]  # that of params.yaml
    assert json.loads(kept)["deviation"] == {}
    again = json.loads((longer / "metrics/recipes/longer.json").read_text())
    assert again["runs"] == json.loads(kept)["runs"]


def test_a_recipe_that_fails_leaves_the_earlier_result(longer: Path, commit: Callable[[str], None]) -> None:
    assert CliRunner().invoke(app, ["recipe", "longer"]).exit_code == 0
    kept = (longer / "metrics/recipes/longer.json").read_bytes()
    (longer / "work.py").write_text("raise SystemExit(1)\n")
    commit("a defect")
    result = CliRunner().invoke(app, ["recipe", "longer"])
    assert result.exit_code == 1
    assert (longer / "metrics/recipes/longer.json").read_bytes() == kept
    assert [path.name for path in (longer / "metrics/recipes").iterdir()] == ["longer.json"]


def state(folder: Path) -> list[str]:
    """What a person would lose: the branch, the index, the stash, tracked and other files."""
    questions = (["symbolic-ref", "HEAD"], ["status", "--porcelain", ":!metrics"], ["stash", "list"], ["diff", "HEAD"])
    return [subprocess.check_output(["git", *question], text=True) for question in questions]


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
def test_a_killed_recipe_leaves_the_folder_as_it_was(longer: Path, number: signal.Signals) -> None:
    """`dvc exp run` itself stashes uncommitted work, changes params.yaml and detaches HEAD for some seconds."""
    (longer / "work.py").write_text(WORK + "# not committed\n")
    (longer / "notes.txt").write_text("untracked")
    before = state(longer)
    for seconds in (1.0, 2.0, 3.0, 4.0, 5.0):
        run = subprocess.Popen([sys.executable, "-m", "gradus.cli.main", "recipe", "longer"], process_group=0)
        with suppress(subprocess.TimeoutExpired):
            run.wait(timeout=seconds)
        os.killpg(run.pid, number) if run.poll() is None else None
        run.wait()
        time.sleep(0.5)
        assert state(longer) == before
    assert CliRunner().invoke(app, ["recipe", "longer"]).exit_code == 0
    assert not list((longer / ".dvc/tmp/gradus").iterdir())


def test_a_recipe_runs_with_uncommitted_changes_and_own_text(longer: Path) -> None:
    (longer / "work.py").write_text(
        "import pathlib; assert pathlib.Path('data/own/mine/text.txt').read_text() == 'mine'\n" + WORK
    )
    (longer / "data/own/mine").mkdir(parents=True)
    (longer / "data/own/mine/text.txt").write_text("mine")
    assert CliRunner().invoke(app, ["recipe", "longer"]).exit_code == 0
    kept = json.loads((longer / "metrics/recipes/longer.json").read_text())
    assert kept["commit"].endswith("-dirty")


def test_without_a_name_the_recipes_are_listed(longer: Path) -> None:
    assert CliRunner().invoke(app, ["recipe"]).output.split() == ["longer", "longer,", "with", "another", "score"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["shorter"], "experiments/shorter.yaml: expected a recipe (hostile, longer, odd), found no file"),
        (["longer", "--seeds", "1,two"], "--seeds: expected whole numbers below 2^32 such as 1,2,3, found '1,two'"),
        (["longer", "--seeds", "4294967296"], "--seeds: expected whole numbers below 2^32"),
        (["longer", "--seeds", "9" * 5000], "--seeds: expected whole numbers below 2^32"),
        (["../longer"], "recipe: expected a name ([A-Za-z][A-Za-z0-9_]*, at most 100 characters), found '../longer'"),
        (["$(touch x)"], "recipe: expected a name"),
        (["hostile"], "experiments/hostile.yaml: params: train_mt: expected a name"),
        (["odd"], "recipe: train_mt.general: expected one of plain, attention, found 5; correct it"),
    ],
)
def test_wrong_arguments_end_with_2(longer: Path, arguments: list[str], message: str) -> None:
    hostile = "description: x\ntracks: [mt]\nparams: {train_mt: {'../x': {like: plain}}}\n"
    (longer / "experiments/hostile.yaml").write_text(hostile)
    (longer / "experiments/odd.yaml").write_text(hostile.replace("'../x': {like: plain}", "general: {like: 5}"))
    result = CliRunner().invoke(app, ["recipe", *arguments])
    assert result.exit_code == 2
    assert message in result.output


@pytest.mark.parametrize(
    "text", [RECIPE + "seeds: [1]\n", RECIPE.replace("[mt]", "[tm]"), RECIPE.replace("[mt]", "[]")]
)
def test_a_recipe_with_a_wrong_key_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "wrong.yaml").write_text(text)
    with pytest.raises(InputError, match="wrong.yaml"):
        read_recipe("wrong", tmp_path)


@pytest.mark.parametrize("name", recipe_names(Path("experiments")))
def test_our_own_recipes_fit_params_yaml(name: str) -> None:
    base = read_file(Path("params.yaml"), dict)
    assert overlay(base, read_recipe(name, Path("experiments")).params) != base


def test_a_number_that_one_run_lacks_has_no_mean() -> None:
    mean, deviation = summary([{"a": {"p": 1.0, "n": 4}}, {"a": {"n": 6}}])
    assert (mean, deviation) == ({"a": {"n": 5.0}}, {"a": {"n": pytest.approx(2**0.5)}})
