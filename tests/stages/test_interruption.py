"""A stage that is killed leaves nothing half-written, and goes on to the same bytes; broken models are refused."""

import signal
import subprocess
from pathlib import Path

import pytest
from random_tokens import write_random_tokens
from stage_processes import start_stage
from typer.testing import CliRunner

from gradus.artifacts.json_files import read_json, write_json
from gradus.artifacts.seals import write_seal
from gradus.cli.main import app as gradus
from gradus.weights import NETWORK
from stages.train_lm import app as train_lm

PARAMS = """\
seed: 1
threads: 1
processes: 1
numerics: portable
device: cpu
train_lm:
  small:
    network: {kind: lstm, embedding: 8, hidden: 12, layers: 1, dropout: 0.2, tied: false,
      initial: uniform, skip: none}
    training: {batch: 4, chunk: 8, carry_state: true, chunk_jitter: 0,
      penalties: {activation: 0.0, temporal: 0.0}, read: stream,
      optimizer: adamw, learning_rate: 0.01, weight_decay: 0.01,
      schedule: cosine, warmup_steps: 5, clip_by: norm, precision: float32,
      average: none, clip: 1.0, epochs: 6, patience: 6}
"""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with the tokens of random text, and its parameters."""
    monkeypatch.chdir(tmp_path)
    write_random_tokens(tmp_path / "data/tokens/lm")
    (tmp_path / "params.yaml").write_text(PARAMS)
    return tmp_path


def train(models: str) -> list[str]:
    """Train to the end; return what is logged."""
    result = CliRunner().invoke(train_lm, ["--name", "small", "--models", models])
    assert result.exit_code == 0, result.output
    return result.stdout.splitlines()


def start(models: str) -> subprocess.Popen[str]:
    """Begin to train in a process of its own."""
    return start_stage("train_lm", "--name", "small", "--models", models, "--save-seconds", "0")


@pytest.mark.parametrize("stop", [signal.SIGKILL, signal.SIGINT])
def test_a_stopped_training_fails_and_goes_on_to_the_same_bytes(place: Path, stop: signal.Signals) -> None:
    train("whole")
    with start("models") as stopped:
        assert stopped.stdout is not None
        assert stopped.stdout.readline().startswith("epoch 1")
        assert stopped.stdout.readline().startswith("epoch 2")
        stopped.send_signal(stop)
        assert stopped.wait() != 0
    assert not (place / "models/small").exists()
    (history,) = (place / ".gradus").glob("train_lm-small-*.history.csv")
    grown = history.read_bytes().splitlines()
    assert (place / "whole/small/history.csv").read_bytes().splitlines()[: len(grown)] == grown and len(grown) >= 2
    assert train("models")[0].startswith("resumed after step ")
    for file in ("weights.safetensors", "config.json", "history.csv"):
        assert (place / "models/small" / file).read_bytes() == (place / "whole/small" / file).read_bytes()
    assert not list((place / ".gradus").glob("train_*"))


@pytest.fixture
def trained(place: Path) -> Path:
    train("models/lm")
    (place / "text.txt").write_text("a b c\n")
    return place / "models/lm/small"


def score(model: Path) -> tuple[int, str]:
    result = CliRunner().invoke(gradus, ["score", str(model), "text.txt"])
    return result.exit_code, result.stderr


def test_a_truncated_or_foreign_model_is_refused_on_one_line(trained: Path) -> None:
    assert score(trained) == (0, "")
    weights, whole = trained / "weights.safetensors", (trained / "weights.safetensors").read_bytes()
    weights.write_bytes(whole[:-7])
    code, line = score(trained)
    assert code == 2
    assert (
        line.startswith(f"error: {weights}: expected {len(whole)} bytes, as the seal says, found")
        and line.count("\n") == 1
    )
    weights.write_bytes(whole)
    write_json(trained / "config.json", read_json(trained / "config.json") | {"format": 99})
    write_seal(trained, NETWORK)
    code, line = score(trained)
    assert code == 2
    assert "expected format 1, found format 99; train the model again" in line and line.count("\n") == 1
