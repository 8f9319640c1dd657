"""The command of the stage writes the same bytes for the same seed, and fails on one line."""

import csv
import hashlib
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from gradus.artifacts.json_files import read_json, write_json
from gradus.artifacts.places import new_folder
from gradus.artifacts.seals import open_sealed, write_seal
from gradus.networks.language_models.build import load_lm, open_lm
from gradus.text.origin import TextOrigin, read_origin, write_origin
from gradus.text.special import EOS_ID, SPECIAL
from gradus.text.token_ids import TOKENS, write_ids
from gradus.text.tokenizers.tokenizer import load_tokenizer
from gradus.text.tokenizers.words import WordTokenizer
from gradus.weights import NETWORK
from stages.train_lm import app

V = 12
TOKENIZER = WordTokenizer([*SPECIAL, *"abcdefgh"])
PARAMS = """\
seed: {seed}
threads: 1
processes: 1
numerics: portable
device: cpu
train_lm:
  small:
    network: {{kind: lstm, embedding: 8, hidden: 12, layers: 1, dropout: 0.2, tied: false,
      initial: uniform, skip: none}}
    training: {{batch: 4, chunk: 8, carry_state: true, chunk_jitter: 0,
      penalties: {{activation: 0.0, temporal: 0.0}}, read: stream,
      optimizer: adamw, learning_rate: {rate}, weight_decay: {decay},
      schedule: cosine, warmup_steps: 5, clip_by: norm, precision: float32,
      average: none, clip: {clip}, epochs: 2, patience: 2}}
"""


@pytest.fixture
def tokens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    folder = tmp_path / "tokens"
    with new_folder(folder, TOKENS) as part:
        for split, lines in [("train", 80), ("valid", 20)]:
            ids = [np.append(rng.integers(4, V, rng.integers(1, 9)), EOS_ID) for _ in range(lines)]
            write_ids(part, split, np.concatenate(ids), V)
        write_json(part / "manifest.json", {"tokenizer": {"kind": "word", "size": V, "sha256": TOKENIZER.sha256}})
        TOKENIZER.save(part / "tokenizer")
        write_origin(part, TextOrigin("letters", ("en",)))
    return folder


def run(tokens: Path, models: str, *more: str, name="small", seed=1, rate=0.01, clip=1.0, decay=0.01):
    params = tokens.parent / "params.yaml"
    params.write_text(PARAMS.format(seed=seed, rate=rate, clip=clip, decay=decay))
    options = ["--tokens", str(tokens), "--models", models, "--params", str(params)]
    return CliRunner().invoke(app, ["--name", name, *options, *more])


def digests(folder: Path) -> dict[str, str]:
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_a_model_folder_and_its_history(tokens: Path) -> None:
    result = run(tokens, "models")
    assert result.exit_code == 0, result.output
    assert [line.split(":")[0] for line in result.stdout.splitlines()] == ["epoch 1", "epoch 2"]
    folder = tokens.parent / "models" / "small"
    origin = ["corpus.json", "tokenizer/tokenizer.json", "tokenizer/vocabulary.txt"]
    assert sorted(digests(folder)) == sorted(
        ["config.json", "gradus.seal", "history.csv", "weights.safetensors", *origin]
    )
    assert set(open_sealed(folder, NETWORK).files) == digests(folder).keys() - {"gradus.seal"}
    assert read_origin(folder) == TextOrigin("letters", ("en",))
    description = open_lm(folder)
    model = load_lm(folder, description)
    assert model.vocabulary_size == description.vocabulary_size == V
    assert description.tokenizer_sha256 == load_tokenizer(folder / "tokenizer").sha256 == TOKENIZER.sha256
    with (folder / "history.csv").open() as file:
        rows = list(csv.DictReader(file))
    written = read_json(folder / "config.json")
    best = min(float(row["valid_nats_per_token"]) for row in rows)
    assert written["best_valid_nats_per_token"] == pytest.approx(best)
    assert written["steps"] == int(rows[-1]["step"])
    # E: 12 * 8; W: 4 * 12 * 8, U: 4 * 12 * 12, two biases: 2 * 4 * 12; output: 12 * 12 + 12
    assert description.parameters == 12 * 8 + 48 * 8 + 48 * 12 + 2 * 48 + 12 * 12 + 12


def test_the_same_seed_writes_the_same_bytes_and_another_seed_others(tokens: Path) -> None:
    for models, seed in [("first", 1), ("second", 1), ("third", 2)]:
        assert run(tokens, models, seed=seed).exit_code == 0
    first, second, third = (digests(tokens.parent / models / "small") for models in ("first", "second", "third"))
    assert first == second
    assert first["weights.safetensors"] != third["weights.safetensors"]


def test_nothing_of_a_finished_run_is_left_in_scratch(tokens: Path) -> None:
    run(tokens, "models")
    assert not list((tokens.parent / ".gradus").rglob("*.checkpoint*"))


def test_an_unknown_name_is_refused_on_one_line(tokens: Path) -> None:
    result = run(tokens, "models", name="smal")
    assert result.exit_code == 2
    assert "train_lm.smal: expected a key of train_lm (small)" in result.stderr
    assert result.stderr.count("\n") == 1
    assert not (tokens.parent / "models").exists()


def test_another_tokenizer_than_that_of_the_tokens_is_refused_before_training(tokens: Path) -> None:
    WordTokenizer([*SPECIAL, *"abcdefgx"]).save(tokens / "tokenizer")
    write_seal(tokens, TOKENS)
    result = run(tokens, "models")
    assert result.exit_code == 2 and not result.stdout
    assert f"tokens/tokenizer: expected SHA-256 {TOKENIZER.sha256}, found" in result.stderr


def test_missing_tokens_name_the_file_and_the_remedy(tokens: Path) -> None:
    (tokens / "valid.npy").unlink()
    result = run(tokens, "models")
    assert result.exit_code == 2
    assert "valid.npy: expected" in result.stderr and "as the seal says, found no file" in result.stderr


def test_no_validation_text_is_refused(tokens: Path) -> None:
    write_ids(tokens, "valid", np.zeros(0, dtype=np.int64), V)
    write_seal(tokens, TOKENS)
    result = run(tokens, "models")
    assert result.exit_code == 2
    assert "expected a training text and a validation text, found an empty text" in result.stderr


def test_a_loss_that_is_not_finite_names_step_rate_and_norm(tokens: Path) -> None:
    """Each step multiplies the weights by 1 - 1000 * 1000, so after seven steps they overflow a float32."""
    result = run(tokens, "models", rate=1000.0, clip=0.0, decay=1000.0)
    assert result.exit_code == 1
    for word in ("not finite at step", "learning rate", "gradient norm"):
        assert word in result.stderr
    assert not (tokens.parent / "models" / "small").exists()


def test_a_failed_run_leaves_its_last_good_state_and_only_equal_parameters_continue_there(tokens: Path) -> None:
    wild, every = {"rate": 1000.0, "clip": 0.0, "decay": 1000.0}, ("--save-seconds", "0")
    scratch = tokens.parent / ".gradus"
    first = run(tokens, "models", *every, **wild)
    assert first.exit_code == 1 and first.stderr.count("\n") == 1
    (kept,) = scratch.glob("train_*")  # the loss overflows in the first epoch, so there is no history
    assert f"is in {kept.relative_to(tokens.parent)}: a run with the same parameters continues there" in first.stderr
    content = kept.read_bytes()
    again = run(tokens, "models", **wild)
    assert again.stdout.startswith("resumed after step ") and again.stderr == first.stderr
    assert run(tokens, "models", seed=2, **wild).stdout == ""
    assert kept.read_bytes() == content
    assert not list(tokens.parent.rglob("*.part")) and not list((tokens.parent / "models").rglob("*"))
    other = run(tokens, "models")
    assert other.exit_code == 0 and "resumed" not in other.stdout


def test_several_processes_need_a_command_line_that_can_be_run_again(tokens: Path) -> None:
    params = tokens.parent / "two.yaml"
    text = PARAMS.format(seed=1, rate=0.01, clip=1.0, decay=0.01)
    params.write_text(text.replace("processes: 1", "processes: 2"))
    result = CliRunner().invoke(app, ["--name", "small", "--tokens", str(tokens), "--params", str(params)])
    assert result.exit_code == 2
    assert "processes: expected 1 inside another program, found 2; run the stage as a command" in result.output
