"""A recipe that is killed during training resumes and gives the same weights as an uninterrupted one."""

import hashlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from random_tokens import write_random_tokens
from typer.testing import CliRunner

from stages.train_lm import app as train_lm

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
PARAMS = """\
seed: 1
threads: 1
processes: 1
device: cpu
numerics: portable
smooth_ngrams: {}
interpolate: {}
adapt_lm: {}
train_lm:
  first: &model
    network: {kind: lstm, embedding: 8, hidden: 12, layers: 1, dropout: 0.2, tied: false,
      initial: uniform, skip: none}
    training: &training {batch: 4, chunk: 8, carry_state: true, chunk_jitter: 0,
      penalties: {activation: 0.0, temporal: 0.0}, read: stream,
      optimizer: adamw, learning_rate: 0.01,
      weight_decay: 0.01, schedule: cosine, warmup_steps: 5, clip_by: norm, precision: float32, average: none,
      clip: 1.0, epochs: 1, patience: 9}
  second:
    <<: *model
    training: {<<: *training, epochs: 5}
"""
# The only metric of a model is the hash of its weights.
PIPELINE = """\
stages:
  train_lm:
    matrix: {name: "${train_lm}"}
    cmd: exec python -m stages.train_lm ${item} --save-seconds 0
    deps: [data/tokens/lm]
    params: [seed, threads, processes, device, numerics, "train_lm.${item.name}"]
    outs: ["models/lm/${item.name}"]
  evaluate_lm:
    matrix: {name: "${train_lm}"}
    cmd: exec python sums.py ${item}
    deps: [sums.py, "models/lm/${item.name}"]
    metrics:
      - metrics/lm/${item.name}.json: {cache: false}
"""
SUMS = """\
import json, hashlib, pathlib, sys
name = sys.argv[2]
content = (pathlib.Path("models/lm") / name / "weights.safetensors").read_bytes()
out = pathlib.Path("metrics/lm") / f"{name}.json"
out.parent.mkdir(parents=True, exist_ok=True)
out.write_text(json.dumps({"sha256": hashlib.sha256(content).hexdigest()}))
"""


@pytest.fixture
def training(project: Path, commit: Callable[[str], None], monkeypatch: pytest.MonkeyPatch) -> Path:
    """Commit tokens, a recipe, and a pipeline that trains two models with the real stage."""
    write_random_tokens(project / "data/tokens/lm")
    files = {"params.yaml": PARAMS, "dvc.yaml": PIPELINE, "sums.py": SUMS, ".gitignore": "/models/\n/.gradus\n"}
    files["experiments/both.yaml"] = "description: both\ntracks: [lm]\nparams: {}\n"
    for name, text in files.items():
        (project / name).parent.mkdir(exist_ok=True)
        (project / name).write_text(text)
    commit("start")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]))
    return project


def start() -> subprocess.Popen[str]:
    command = [sys.executable, "-u", "-m", "gradus.cli.main", "recipe", "run", "both", "--seeds", "2"]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def hash_of_uninterrupted_training(folder: Path) -> str:
    """Train the second model with the same seed outside of the pipeline; return the hash of its weights."""
    (folder / "params.yaml").write_text(PARAMS.replace("seed: 1", "seed: 2"))
    places = [
        "--models",
        str(folder / "models"),
        "--scratch",
        str(folder / "scratch"),
        "--params",
        str(folder / "params.yaml"),
    ]
    result = CliRunner().invoke(train_lm, ["--name", "second", *places])
    assert result.exit_code == 0 and "resumed" not in result.output
    return hashlib.sha256((folder / "models/second/weights.safetensors").read_bytes()).hexdigest()


def test_a_killed_recipe_resumes_to_the_same_weights_and_skips_finished_stages(training: Path, tmp_path: Path) -> None:
    with start() as killed:
        assert killed.stdout is not None
        for mark in ("Running stage 'train_lm@second'", "epoch 2"):
            assert any(mark in line for line in killed.stdout)  # reads up to that line
        killed.send_signal(signal.SIGKILL)
    assert not Path("metrics/recipes/both.json").exists()
    with start() as again:
        assert again.stdout is not None
        printed = again.stdout.read()
    assert again.returncode == 0, printed
    assert "Stage 'train_lm@first' is cached - skipping run" in printed
    assert "Running stage 'train_lm@first'" not in printed
    assert "[seed 2] resumed after" in printed
    (run,) = json.loads(Path("metrics/recipes/both.json").read_text())["runs"]
    assert run["metrics"]["lm"]["second"] == {"sha256": hash_of_uninterrupted_training(tmp_path)}
    assert not list((training / ".gradus/copies").iterdir())
