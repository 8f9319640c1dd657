"""`gradus study` in a small repository whose pipeline stands in for the real one."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from gradus.cli.main import app

PARAMS = """\
seed: 1
evaluate_lm: {block: 2}
decode: {lm: {strategies: {greedy: {}, nucleus: {}}}}
smooth_ngrams: {mle: {kind: mle}}
interpolate: {}
adapt_lm: {}
train_lm:
  rnn: {network: {kind: rnn, hidden: 4}}
  gru: {network: {kind: gru, hidden: 4}}
  lstm: {network: {kind: lstm, hidden: 4}}
"""
PIPELINE = """\
stages:
  train_lm:
    matrix: {name: "${train_lm}"}
    cmd: exec python work.py train ${item.name} models/lm/${item.name}
    deps: [work.py]
    params: [seed, "train_lm.${item.name}"]
    outs: ["models/lm/${item.name}"]
  evaluate_lm:
    matrix: {name: "${train_lm}"}
    cmd: exec python work.py evaluate ${item.name} models/lm/${item.name}
    deps: [work.py, "models/lm/${item.name}"]
    params: [evaluate_lm]
    outs: ["data/scores/lm/${item.name}"]
    metrics:
      - metrics/lm/${item.name}.json: {cache: false}
"""
# A model predicts eight lines of ten tokens, with a loss of 8 / hidden nats per token, and a little more for a
# larger seed and for a later line. Two files outside of the repository make seed 2 fail or wait.
WORK = """\
import json, pathlib, sys, time
task, name, model = sys.argv[1:]
if task == "train":
    from ruamel.yaml import YAML
    params = YAML(typ="safe", pure=True).load(pathlib.Path("params.yaml"))
    if params["seed"] == 2 and pathlib.Path({outside!r}, "refuse").exists():
        sys.exit("two is refused")
    while params["seed"] == 2 and pathlib.Path({outside!r}, "wait").exists():
        time.sleep(0.05)
    with pathlib.Path({outside!r}, "trained").open("a") as file:
        print(params["seed"], name, file=file)
    pathlib.Path(model).write_text(json.dumps([params["seed"], params["train_lm"][name]["network"]["hidden"]]))
else:
    import numpy as np
    from gradus.artifacts.places import new_folder
    from gradus.evaluation.language_models.line_scores import LINE_SCORES, LineScores, write_line_scores
    seed, hidden = json.loads(pathlib.Path(model).read_text())
    nats = 80 / hidden + 0.1 * (seed % 5) / hidden + np.arange(8) / hidden
    none, tokens = np.zeros(8, dtype=np.int64), np.full(8, 10)
    with new_folder(pathlib.Path("data/scores/lm", name), LINE_SCORES) as folder:
        write_line_scores(folder, LineScores("text", "tokenizer", tokens, {{"line": nats}}, {{"line": none}}))
    out = pathlib.Path("metrics/lm", name + ".json")
    out.parent.mkdir(parents=True, exist_ok=True)
    test = {{"line": {{"nats_per_token": nats.sum() / 80}}}}
    out.write_text(json.dumps({{"model": {{"parameters": 100 * hidden}}, "test": test}}))
"""
STUDY = """\
question: Which predicts better?
equal: the text
equal_weights: [rnn]
formula: nats / tokens
code: work.py
stages: [evaluate_lm]
models: [rnn, gru]
corpora: {text: {seeds: [1, 2, 3]}}
params: {train_lm: {gru: {network: {hidden: 5}}}}
claims:
  - {sentence: The GRU predicts better., better: gru, worse: [rnn], loss: line}
  - {sentence: RNN is larger., larger: rnn.model.parameters, than: [gru.model.parameters], unit: weights, exact: true}
plots:
  loss: {x: width, y: nats, lines: {all: {points: {rnn.test.line.nats_per_token: 4, gru.test.line.nats_per_token: 5}}}}
columns: {weights: model.parameters}
"""
RESULT = Path("metrics/studies/mine.json")


@pytest.fixture
def mine(project: Path, tmp_path: Path, commit: Callable[[str], None]) -> Path:
    """Commit a pipeline of language models and a study of two of them."""
    (project / "params.yaml").write_text(PARAMS)
    (project / "dvc.yaml").write_text(PIPELINE)
    (project / "work.py").write_text(WORK.format(outside=str(tmp_path)))
    (project / ".gitignore").write_text("/models/\n/data/\n/.gradus/\n*.pyc\n")
    write_study(project, STUDY)
    commit("start")
    return project


def write_study(folder: Path, text: str) -> None:
    (folder / "experiments/studies").mkdir(parents=True, exist_ok=True)
    (folder / "experiments/studies/mine.yaml").write_text(text)


def study(*arguments: str, code: int = 0) -> str:
    """Give the command `gradus study`, check its exit code, and return its output."""
    result = CliRunner().invoke(app, ["study", *arguments])
    assert result.exit_code == code, result.output
    return result.output


def kept() -> dict[str, Any]:
    content: dict[str, Any] = json.loads(RESULT.read_text())
    return content


def seeds_kept() -> list[int]:
    return [run["seed"] for run in kept()["corpora"].get("text", [])] if RESULT.exists() else []


def trained(tmp_path: Path) -> list[str]:
    """Return which models were trained, each as `SEED NAME`, since the last call."""
    path = tmp_path / "trained"
    lines = path.read_text().splitlines() if path.exists() else []
    path.write_text("")
    return sorted(lines)


def everything(*seeds: int) -> list[str]:
    return sorted(f"{seed} {model}" for seed in seeds for model in ("rnn", "gru"))


def test_a_study_from_its_first_run_to_its_replication(mine: Path, tmp_path: Path) -> None:
    assert "not run yet" in study("--list")
    printed = study("mine")
    assert "[text, seed 1] " in printed and "The GRU predicts better." in printed and "holds" in printed
    assert trained(tmp_path) == everything(1, 2, 3)  # of these models only
    assert seeds_kept() == [1, 2, 3]
    better, larger = kept()["claims"]
    (estimate,) = better["estimates"]
    # Mean over the lines: (80 + 0.1 seed + 3.5) / 10 hidden; seed 2 on average, hidden 4 against 5.
    assert estimate["effect"] == pytest.approx(8.37 / 4 - 8.37 / 5)
    assert (estimate["corpus"], estimate["seeds"], estimate["blocks"]) == ("text", [1, 2, 3], 4)
    assert larger["estimates"][0] | {"values": {}} == {
        "corpus": "text", "effect": -100.0, "low": -100.0, "high": -100.0, "p_value": 0.0, "exact": True,
        "seeds": [1, 2, 3], "rival": "gru.model.parameters", "values": {},
    }  # fmt: skip
    (plot,) = kept()["plots"]["loss"]
    assert [point["x"] for point in plot["lines"]["all"]] == [4.0, 5.0]
    assert [row["cells"]["weights"]["mean"] for row in kept()["rows"]] == [400.0, 500.0]
    changed = subprocess.check_output(["git", "status", "--porcelain"], text=True)
    assert changed == "?? metrics/\n"  # params.yaml stays; the only metrics file is that of the study
    assert [path for path in Path("metrics").rglob("*") if path.is_file()] == [RESULT]
    assert not (mine / "dvc.lock").exists() and not list((mine / ".gradus/copies").iterdir())

    before = RESULT.read_bytes()
    printed = study("mine")
    assert "[text] seeds that already ran: 1, 2, 3" in printed and "[text, seed" not in printed
    assert RESULT.read_bytes() == before
    listed = study("--list")
    assert "Which predicts better?" in listed and "claims: 1 holds, 1 fails" in listed

    printed = study("mine", "--seeds", "11,12,13", "--jobs", "3")
    assert trained(tmp_path) == everything(11, 12, 13) and seeds_kept() == [1, 2, 3, 11, 12, 13]
    (again,) = kept()["claims"][0]["replications"]
    assert again["seeds"] == [11, 12, 13] and again["effect"] == pytest.approx(estimate["effect"])
    assert kept()["claims"][0]["estimates"] == [estimate]
    assert kept()["rows"] == json.loads(before)["rows"]  # the table is about the seeds of the study


def test_changes_run_what_they_concern(mine: Path, tmp_path: Path) -> None:
    own = STUDY
    write_study(mine, own.replace("seeds: [1, 2, 3]", "seeds: [1]"))
    assert "corpora: text.seeds: expected at least 3 seeds, because rnn depends on the seed" in study("mine", code=2)
    write_study(mine, own)
    study("mine")
    trained(tmp_path)
    RESULT.write_text(
        json.dumps(
            {**(first := kept()), "corpora": {"text": [run | {"minutes": 9.0} for run in first["corpora"]["text"]]}}
        )
    )
    write_study(mine, own.replace("weights: model.parameters", "loss: test.line.nats_per_token"))
    printed = study("mine")
    assert "[text] seeds that already ran: 1, 2, 3" in printed  # the plot reads this number already
    assert set(kept()["rows"][0]["cells"]) == {"loss"}
    write_study(mine, own := own.replace("hidden: 5", "hidden: 8"))
    study("mine")
    assert all(run["minutes"] < 9 for run in kept()["corpora"]["text"])  # runs with other parameters
    assert sorted(trained(tmp_path)) == ["1 gru", "2 gru", "3 gru"]  # the other model comes from the cache
    assert seeds_kept() == [1, 2, 3] and kept()["rows"][1]["cells"]["weights"]["mean"] == 800.0
    write_study(mine, own.replace("equal_weights: [rnn]", "equal_weights: [rnn, gru]"))
    printed = study("mine", "--replace", code=1)
    assert "text, seed 1: equal_weights: expected numbers of weights that differ by at most 5%" in printed
    assert seeds_kept() == [1, 2, 3] and trained(tmp_path) == []  # the earlier result stays until a new run has ended


@pytest.mark.slow
def test_a_killed_and_a_failed_study_continue_after_their_finished_seeds(mine: Path, tmp_path: Path) -> None:
    (tmp_path / "wait").touch()
    command = [sys.executable, "-m", "gradus.cli.main", "study", "mine", "--jobs", "1"]
    process = subprocess.Popen(command, process_group=0, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 200
    while not seeds_kept() and time.monotonic() < deadline:
        time.sleep(0.1)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert seeds_kept() == [1] and kept()["claims"][0]["estimates"] == []
    (tmp_path / "wait").unlink()
    (tmp_path / "refuse").touch()
    printed = study("mine", "--jobs", "1", code=1)
    assert "[text, seed 2] two is refused" in printed and "[text, seed 3]" not in printed
    assert "error: text, seed 2: dvc exp run failed with exit code" in printed
    assert seeds_kept() == [1]
    (tmp_path / "refuse").unlink()
    trained(tmp_path)
    study("mine")
    assert seeds_kept() == [1, 2, 3] and set(trained(tmp_path)) == set(everything(2, 3))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "gradus study: expected one of NAME, --all and --list, found none or several; name a study"),
        (["mine", "--all"], "expected one of NAME, --all and --list"),
        (["yours"], "yours.yaml: expected a study (mine), found no file"),
        (["../mine"], "study: expected a name"),
        (["mine", "--corpus", "book"], "--corpus: expected one of text, found book"),
        (["mine", "--seeds", "1;2"], "--seeds: expected whole numbers below 2^32"),
    ],
)
def test_wrong_arguments_are_one_line(mine: Path, arguments: list[str], message: str) -> None:
    assert message in study(*arguments, code=2)
    assert not RESULT.exists()


def test_an_invalid_result_file_is_refused_and_kept(mine: Path) -> None:
    RESULT.parent.mkdir(parents=True)
    RESULT.write_text('{"corpora": {"text": 3}}')
    assert "mine.json: corpora.text: expected a list" in study("mine", "--replace", code=2)
    assert RESULT.read_text() == '{"corpora": {"text": 3}}'
