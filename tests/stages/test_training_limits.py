"""Impossible parameters fail before the first step; a failed training writes no model."""

import time
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from gradus.artifacts.places import new_folder
from gradus.text.token_ids import TOKENS
from gradus.text.tokenized import train_tokenizers, write_tokenized
from gradus.text.tokenizers.config import WordConfig
from stages.generate import app as generate
from stages.train_lm import app as train_lm

PARAMS = """\
seed: 1
threads: 1
processes: 1
numerics: portable
device: cpu
train_lm:
  small:
    network: {kind: lstm, embedding: 8, hidden: 12, layers: 1, dropout: 0.0, tied: false,
      initial: uniform, skip: none}
    training: {batch: 4, chunk: 8, carry_state: true, chunk_jitter: 0,
      penalties: {activation: 0.0, temporal: 0.0}, read: stream,
      optimizer: sgd, learning_rate: 0.1, weight_decay: 0.0,
      schedule: constant, warmup_steps: 0, clip_by: norm, precision: float32,
      average: none, clip: 1.0, epochs: 2, patience: 2}
decode:
  lm:
    tokens: 8
    texts: 2
    prompt_tokens: 0
    strategies: {beam: {kind: beam, beam_size: 2, length_penalty: 0.0}}
"""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with the tokens of random text."""
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    lines = [" ".join(rng.choice(list("abcdefgh"), 5)) for _ in range(200)]
    texts = {"train": lines, "valid": lines[:20]}
    with new_folder(tmp_path / "data/tokens/lm", TOKENS) as folder:
        write_tokenized(folder, train_tokenizers(WordConfig(kind="word", min_count=1), texts, joint=False), texts)
    return tmp_path


def run(app: object, place: Path, old: str, new: str) -> tuple[int, str]:
    """Run a stage with one parameter changed; return its exit code and standard error."""
    assert old in PARAMS
    (place / "params.yaml").write_text(PARAMS.replace(old, new))
    result = CliRunner().invoke(app, ["--name", "small"])  # type: ignore[arg-type]
    return result.exit_code, result.stderr


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("hidden: 12", "hidden: 1000000000", "network.hidden: expected at most "),
        ("embedding: 8", "embedding: 1000000000", "network.embedding: expected at most "),
        ("layers: 1", "layers: 1001", "layers: expected a number up to 1000, found 1001"),
        ("batch: 4", "batch: 0", "batch: expected a number of at least 1"),
        ("clip: 1.0", "clip: .inf", "clip: expected a finite number"),
        ("learning_rate: 0.1", "learning_rate: 1.0e+30", "learning_rate: expected a number up to 1000"),
        ("learning_rate: 0.1", "learning_rate: .nan", "learning_rate: expected a finite number"),
        ("seed: 1", "seed: 9223372036854775808", "seed: expected an integer below 2^63"),
        ("seed: 1", "seed: 4294967296", "seed: expected a number up to 4294967295"),
        ("threads: 1", "threads: 1000000", "threads: expected a number up to 256"),
    ],
)
def test_what_cannot_work_fails_at_once(place: Path, old: str, new: str, said: str) -> None:
    begin = time.process_time()
    code, line = run(train_lm, place, old, new)
    assert code == 2 and line.startswith("error: ") and said in line and line.count("\n") == 1
    assert time.process_time() - begin < 3 and not (place / "models/lm/small").exists()


@pytest.mark.parametrize("schedule", ["constant", "cosine", "plateau"])
@pytest.mark.parametrize("optimizer", ["sgd", "adamw"])
def test_a_diverged_training_is_a_failure_and_leaves_no_model(place: Path, schedule: str, optimizer: str) -> None:
    begin, end = PARAMS.index("optimizer:"), PARAMS.index(", warmup_steps")
    new = f"optimizer: {optimizer}, learning_rate: 1000, weight_decay: 0.0, schedule: {schedule}"
    code, line = run(train_lm, place, PARAMS[begin:end], new)
    assert code == 1 and line.startswith("error: the training failed: its best validation loss, ")
    assert "ln V = 2.303 (learning rate 1e+03, " in line and line.count("\n") == 1  # ln 10: eight words, UNK and EOS
    assert not (place / "models/lm/small").exists()


def test_decoding_that_does_not_fit_is_refused_by_the_stage(place: Path) -> None:
    assert run(train_lm, place, "seed: 1", "seed: 1") == (0, "")
    code, line = run(generate, place, "beam_size: 2", "beam_size: 1000000000")
    assert code == 2 and line.startswith("error: beam_size: expected at most ") and line.count("\n") == 1
    assert run(generate, place, "beam_size: 2", "beam_size: 3") == (0, "")
