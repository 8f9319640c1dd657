"""The DVC experiment of a recipe's run, in the small repository."""

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gradus.cli.main import app
from gradus.errors import InputError, RunError
from gradus.pipeline.experiments import find_run, unpack

RESULT = Path("metrics/recipes/longer.json")
RECIPE = "description: longer\ntracks: [mt]\nparams: {train_mt: {plain: null, attention: {training: {epochs: 5}}}}\n"


@pytest.fixture
def ran(small: Path, commit: Callable[[str], None]) -> Path:
    """The small repository, in which a recipe with one model has run with seed 1."""
    (small / "experiments").mkdir()
    (small / "experiments/longer.yaml").write_text(RECIPE)
    commit("a recipe")
    run_recipe()
    return small


def run_recipe(*options: str) -> None:
    outcome = CliRunner().invoke(app, ["recipe", "run", "longer", *options])
    assert outcome.exit_code == 0, outcome.output


def unpacked(out: Path) -> dict[str, str]:
    out.mkdir()
    unpack(find_run(RESULT, 1), out)
    return {str(path.relative_to(out)): path.read_text() for path in out.rglob("*") if path.is_file()}


def test_the_models_metrics_and_parameters_of_a_run_are_copied(ran: Path, tmp_path: Path) -> None:
    found = unpacked(tmp_path / "out")
    model = "models/mt/attention"
    assert found.keys() == {f"{model}/config.json", f"{model}/weights", "metrics/mt/attention.json", "params.yaml"}
    assert json.loads(found[f"{model}/config.json"])[1]["training"] == {"epochs": 5}
    assert json.loads(found["metrics/mt/attention.json"])["epochs"] == 5
    assert "plain" not in found["params.yaml"]
    (tmp_path / "out" / model / "weights").write_text("edited")  # a copy, not a link into the cache
    assert unpacked(tmp_path / "again")[f"{model}/weights"] == "attention"


def test_an_experiment_of_the_same_name_with_other_metrics_is_not_taken(
    ran: Path, tmp_path: Path, commit: Callable[[str], None]
) -> None:
    before = RESULT.read_text()
    (ran / "experiments/longer.yaml").write_text(RECIPE.replace("epochs: 5", "epochs: 6"))
    commit("more epochs")
    run_recipe("--replace")
    assert json.loads(unpacked(tmp_path / "new")["metrics/mt/attention.json"])["epochs"] == 6
    RESULT.write_text(before)
    assert json.loads(unpacked(tmp_path / "old")["metrics/mt/attention.json"])["epochs"] == 5


def test_an_experiment_of_the_same_name_without_these_metrics_is_passed_over(ran: Path) -> None:
    run = find_run(RESULT, 1).reference
    first = "refs/exps/00/00/longer-seed1"  # git lists references by name, and no run has made this one
    subprocess.run(["git", "update-ref", first, "HEAD"], check=True)
    assert find_run(RESULT, 1).reference == run


def test_a_run_that_is_gone_is_refused(ran: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"--seed: expected a seed that .* averages \(1\), found 2"):
        find_run(RESULT, 2)
    with pytest.raises(InputError, match="none yet"):
        find_run(Path("metrics/recipes/other.json"), 1)
    found = find_run(RESULT, 1)
    shutil.rmtree(ran / ".dvc/cache")
    (tmp_path / "out").mkdir()
    with pytest.raises(RunError, match=r"the models of longer with seed 1 are not here: DVC's cache lacks"):
        unpack(found, tmp_path / "out")
    subprocess.run(["git", "update-ref", "-d", found.reference], check=True)
    with pytest.raises(RunError, match=r"no DVC experiment .*; gradus recipe run longer --seeds 1 --replace runs it"):
        find_run(RESULT, 1)
