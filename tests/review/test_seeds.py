"""A model that is trained again with another seed is within noise, by real training and the real gate."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from repositories import commit_all, new_repository
from typer.testing import CliRunner

from gradus.artifacts.json_files import read_json, write_json
from gradus.cli.main import app
from gradus.params import read_file
from gradus.pipeline.dvc import dvc
from gradus.pipeline.runs import mean_and_deviation

pytestmark = pytest.mark.xdist_group("review")

ROOT = Path(__file__).parents[2]
MEASURED, OTHERS = (1, 2, 3, 4, 5), (6, 7, 8)
"""Seeds for the deviation, of which the first is the base; seeds of three more runs."""
PIPELINE = """\
stages:
  evaluate_lm:
    matrix: {name: [rnn]}
    cmd: exec python -m stages.evaluate_lm --name ${item.name}
    deps: [params.yaml]
    metrics:
      - metrics/lm/${item.name}.json: {cache: false}
    outs: ["data/scores/lm/${item.name}"]
"""


def stage(name: str, model: str) -> None:
    module = __import__(f"stages.{name}", fromlist=["app"])
    result = CliRunner().invoke(module.app, ["--name", model])
    assert result.exit_code == 0, result.output


def params(seed: int) -> dict[str, Any]:
    """The project's own parameters with a small corpus and one small network, trained for one epoch."""
    shipped: dict[str, Any] = read_file(ROOT / "params.yaml", dict)
    network = {"kind": "rnn", "nonlinearity": "tanh", "embedding": 8, "hidden": 8, "layers": 1, "dropout": 0.0}
    training = {**shipped["train_lm"]["rnn"]["training"], "epochs": 1}
    strategies = {"greedy": {"kind": "greedy"}}
    return shipped | {
        "seed": seed,
        "device": "cpu",
        "builtin": shipped["builtin"] | {"train_lines": 400, "valid_lines": 50, "test_lines": 200},
        "smooth_ngrams": {},
        "train_lm": {
            "rnn": {"network": network | {"tied": False, "initial": "uniform", "skip": "none"}, "training": training}
        },
        "train_mt": {},
        "interpolate": {},
        "decode": {
            "lm": {"tokens": 16, "texts": 2, "prompt_tokens": 0, "strategies": strategies},
            "mt": shipped["decode"]["mt"],
        },
    }


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory, variables: None) -> Path:
    """A repository with the model of the first seed committed, and `runs/SEED` with the results of each seed."""
    root = tmp_path_factory.mktemp("seeds") / "project"
    new_repository(root)
    (root / ".gitignore").write_text("/data/\n/models/\n/runs/\n/.gradus/\n")
    (root / "dvc.yaml").write_text(PIPELINE)
    shutil.copy(ROOT / "gate.yaml", root)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        for seed in (*MEASURED, *OTHERS):
            write_json(Path("params.yaml"), params(seed))  # JSON is YAML
            if seed == 1:  # one corpus and one text of the model for all
                for name, item in (("acquire", "lm"), ("tokenize", "lm"), ("train_lm", "rnn"), ("generate", "rnn")):
                    stage(name, item)
            stage("train_lm", "rnn")
            stage("evaluate_lm", "rnn")
            for place in ("metrics/lm", "data/scores"):
                shutil.copytree(place, f"runs/{seed}/{place}")
        _take(1)
        commit_all("first seed")
    return root


def _take(seed: int) -> None:
    """Put the results of a seed into their places, as a run of the pipeline would."""
    write_json(Path("params.yaml"), params(seed))
    shutil.copytree(f"runs/{seed}", ".", dirs_exist_ok=True)
    dvc("commit", "--force")


def test_reruns_with_three_other_seeds_are_within_noise(runs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The bootstrap alone calls some of these changes certain, because it does not know the noise of the seed."""
    monkeypatch.chdir(runs)
    measured = [{"lm": {"rnn": read_json(Path(f"runs/{seed}/metrics/lm/rnn.json"))}} for seed in MEASURED]
    mean, deviation = mean_and_deviation(measured)
    Path("metrics/recipes").mkdir(exist_ok=True)
    Path("metrics/recipes/seeds.json").write_text(json.dumps({"seeds": MEASURED, "mean": mean, "deviation": deviation}))
    for seed in OTHERS:
        _take(seed)
        result = CliRunner().invoke(app, ["ci", "gate", "--base", "main"])
        print(result.output)
        assert result.exit_code == 0, result.output
        assert "Models: 1 within noise." in result.output
        (row,) = [line for line in result.output.splitlines() if line.startswith("| lm/rnn |")]
        assert "within noise" in row and " to " in row and "not measured" not in result.output
