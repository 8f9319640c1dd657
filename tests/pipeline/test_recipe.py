import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from gradus.cli.main import app
from gradus.errors import InputError
from gradus.params import read_file
from gradus.pipeline.overlay import overlay
from gradus.pipeline.recipe import read_recipe, recipe_names
from gradus.pipeline.runs import mean_and_deviation
from tests.pipeline.conftest import WORK

RESULT = Path("metrics/recipes/longer.json")
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


def recipe(*arguments: str, code: int = 0) -> str:
    """Run the recipe, check its exit code, and return its output."""
    result = CliRunner().invoke(app, ["recipe", "run", "longer", *arguments])
    assert result.exit_code == code, result.output
    return result.output


def kept() -> dict[str, Any]:
    content: dict[str, Any] = json.loads(RESULT.read_text())
    return content


def seeds_kept() -> list[int]:
    return [run["seed"] for run in kept()["runs"]]


def edit(folder: Path, text: str, commit: Callable[[str], None]) -> None:
    (folder / "work.py").write_text(text)
    commit("an edit")


def metrics(bleu: float, epochs: int) -> dict[str, Any]:
    return {"strategies": {"greedy": {"bleu": bleu, "bleu_signature": "x"}}, "epochs": epochs}


def test_a_recipe_runs_once_per_seed_and_changes_no_other_file(longer: Path) -> None:
    abandoned = longer / ".gradus/copies/longer-seed9"
    abandoned.mkdir(parents=True)
    os.utime(abandoned, (0, 0))
    printed = recipe("--seeds", "1,3")
    assert [run["metrics"] for run in kept()["runs"]] == [
        {"mt": {"attention": metrics(bleu, 5), "general": metrics(bleu, 4)}} for bleu in (10.0, 30.0)
    ]
    assert kept()["seeds"] == [1, 3]
    assert kept()["mean"]["mt"]["general"] == {"strategies": {"greedy": {"bleu": 20.0}}, "epochs": 4.0}
    deviation = pytest.approx(200**0.5)  # sqrt((10^2 + 10^2) / 1)
    assert kept()["deviation"]["mt"]["general"] == {"strategies": {"greedy": {"bleu": deviation}}, "epochs": 0.0}
    assert re.search(r"longer +general +greedy .* 20\.0 ± 14\.1 .* 2 *\n", printed)
    assert kept()["params"]["train_mt"]["attention"] == {"training": {"epochs": 5}}
    origin = kept()["runs"][1]["origin"]
    assert origin["commit"] == subprocess.check_output(["git", "rev-parse", "HEAD"], text=True).strip()
    assert set(origin["versions"]) > {"python", "torch", "dvc"}
    assert set(origin["machine"]) >= {"processor", "cores", "memory_gib"}
    changed = subprocess.check_output(["git", "status", "--porcelain"], text=True)
    assert changed == "?? metrics/\n"
    assert not list((longer / ".gradus/copies").iterdir())


def test_runs_accumulate_but_runs_of_other_code_are_not_averaged(longer: Path, commit: Callable[[str], None]) -> None:
    recipe()  # with the seed of params.yaml
    assert (kept()["seeds"], kept()["deviation"]) == ([1], {})
    (longer / "README.md").write_text("more about it\n")
    commit("a page")
    printed = recipe("--seeds", "3,1")
    assert "seed 1: already run" in printed and "2; 2 commits" in printed
    assert "[seed 3]" in printed and "[seed 1]" not in printed
    assert kept()["seeds"] == seeds_kept() == [1, 3] and len(kept()["commits"]) == 2
    edit(longer, WORK + "# other code\n", commit)
    printed = recipe("--seeds", "3")
    assert "seeds 1, 3: kept but not averaged; these runs differ from the averaged runs in code" in printed
    assert "1; 2 apart" in printed
    assert (seeds_kept(), kept()["seeds"], kept()["apart"]) == ([1, 3, 3], [3], {"code": [1, 3]})
    edit(longer, WORK, commit)
    assert "seeds 1, 3: already run" in recipe("--seeds", "1,3")  # back at the first code
    assert (seeds_kept(), kept()["seeds"], kept()["apart"]) == ([3, 1, 3], [1, 3], {"code": [3]})
    recipe("--replace")
    assert (seeds_kept(), kept()["apart"]) == ([1], {})


SPOIL = """\
import pathlib
if "seed: 3" in pathlib.Path("params.yaml").read_text():
    raise SystemExit("three is refused")
pathlib.Path({path!r}).write_text("raise SystemExit('this code is too new')")
"""


def test_a_failure_keeps_finished_seeds_and_a_later_edit_changes_no_run(
    longer: Path, commit: Callable[[str], None]
) -> None:
    edit(longer, SPOIL.format(path=str(longer / "work.py")) + WORK, commit)
    printed = recipe("--seeds", "1,3,4", code=1)
    assert "[seed 3] three is refused" in printed and "too new" not in printed and "[seed 4]" not in printed
    assert "error: seed 3: dvc exp run failed with exit code" in printed
    assert seeds_kept() == [1]
    assert [path.name for path in RESULT.parent.iterdir()] == ["longer.json"]


def test_seeds_run_in_parallel(longer: Path, tmp_path: Path, commit: Callable[[str], None]) -> None:
    """Each seed waits for the other; if they ran one after the other, they would fail after a minute."""
    meet = f"""\
import pathlib, re, time
begun = pathlib.Path({str(tmp_path)!r})
(begun / re.search("seed: ([0-9])", pathlib.Path("params.yaml").read_text())[0].replace(": ", "")).touch()
waited = next((n for n in range(600) if len(list(begun.glob("seed[0-9]"))) == 2 or time.sleep(0.1)), None)
assert waited is not None
"""
    edit(longer, meet + WORK, commit)
    recipe("--seeds", "3,1", "--jobs", "2")
    assert (kept()["seeds"], kept()["mean"]["mt"]["attention"]["epochs"]) == ([1, 3], 5.0)


def test_an_invalid_result_file_is_refused_and_kept(longer: Path) -> None:
    RESULT.parent.mkdir(parents=True)
    RESULT.write_text('{"runs": {"1": {}}}')
    assert "longer.json: runs: expected" in recipe("--replace", code=2)
    assert RESULT.read_text() == '{"runs": {"1": {}}}'


def state(folder: Path) -> list[str]:
    """Return the state that a user could lose: branch, index, stash, tracked and other files."""
    questions = (["symbolic-ref", "HEAD"], ["status", "--porcelain", ":!metrics"], ["stash", "list"], ["diff", "HEAD"])
    return [subprocess.check_output(["git", *question], text=True) for question in questions]


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
def test_a_killed_recipe_leaves_the_folder_unchanged(longer: Path, number: signal.Signals) -> None:
    """Without the clone, `dvc exp run` stashes changes, edits params.yaml and detaches HEAD for some seconds."""
    (longer / "work.py").write_text(WORK + "# not committed\n")
    (longer / "notes.txt").write_text("untracked")
    before = state(longer)
    for seconds in (1.0, 2.0, 3.0, 4.0, 5.0):
        run = subprocess.Popen([sys.executable, "-m", "gradus.cli.main", "recipe", "run", "longer"], process_group=0)
        with suppress(subprocess.TimeoutExpired):
            run.wait(timeout=seconds)
        os.killpg(run.pid, number) if run.poll() is None else None
        run.wait()
        time.sleep(0.5)
        assert state(longer) == before
    recipe()
    assert not list((longer / ".dvc/tmp/gradus").iterdir())


def test_a_recipe_runs_with_uncommitted_changes_and_own_text(longer: Path) -> None:
    (longer / "work.py").write_text(
        "import pathlib; assert pathlib.Path('data/own/mine/text.txt').read_text() == 'mine'\n" + WORK
    )
    (longer / "data/own/mine").mkdir(parents=True)
    (longer / "data/own/mine/text.txt").write_text("mine")
    recipe()
    assert kept()["runs"][0]["origin"]["commit"].endswith("-dirty")


def test_all_recipes_are_listed(longer: Path) -> None:
    assert CliRunner().invoke(app, ["recipe", "list"]).output.split() == [
        "longer",
        "longer,",
        "with",
        "another",
        "score",
    ]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["shorter"], "experiments/shorter.yaml: expected a recipe (hostile, longer, odd), found no file"),
        (["longer", "--seeds", "1,two"], "--seeds: expected whole numbers below 2^32, such as 1,2,3, found '1,two'"),
        (["longer", "--seeds", "4294967296"], "--seeds: expected whole numbers below 2^32"),
        (["longer", "--seeds", "9" * 5000], "--seeds: expected whole numbers below 2^32"),
        (["../longer"], "recipe: expected a name ([A-Za-z][A-Za-z0-9_]*, at most 100 characters), found '../longer'"),
        (["$(touch x)"], "recipe: expected a name"),
        (["hostile"], "experiments/hostile.yaml: params: train_mt: expected a name"),
        (["odd"], "recipe: train_mt.general: expected one of plain, attention, found 5; correct the recipe"),
    ],
)
def test_invalid_arguments_give_exit_code_2(longer: Path, arguments: list[str], message: str) -> None:
    hostile = "description: x\ntracks: [mt]\nparams: {train_mt: {'../x': {like: plain}}}\n"
    (longer / "experiments/hostile.yaml").write_text(hostile)
    (longer / "experiments/odd.yaml").write_text(hostile.replace("'../x': {like: plain}", "general: {like: 5}"))
    result = CliRunner().invoke(app, ["recipe", "run", *arguments])
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


def test_a_number_that_is_missing_in_one_run_has_no_mean() -> None:
    mean, deviation = mean_and_deviation([{"a": {"p": 1.0, "n": 4}}, {"a": {"n": 6}}])
    assert (mean, deviation) == ({"a": {"n": 5.0}}, {"a": {"n": pytest.approx(2**0.5)}})
