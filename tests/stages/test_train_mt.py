import csv
import json

import numpy as np
import pytest
import torch
from typer.testing import CliRunner

from gradus.artifacts.json_files import read_json
from gradus.artifacts.seals import write_seal
from gradus.families.translation_models import open_translator
from gradus.networks.translation_models.build import load_mt, open_mt
from gradus.networks.translation_models.parts import Sizes, TokenizerSums
from gradus.text.special import EOS_ID, SPECIAL
from gradus.text.token_ids import TOKENS, write_ids
from gradus.text.tokenizers.words import WordTokenizer
from gradus.weights import NETWORK

TOKENIZER = WordTokenizer([*SPECIAL, *"abcdefgh"])
TOKENIZER_FILES = ("tokenizer.json", "vocabulary.txt")
PARAMS = """
seed: 1
threads: 1
processes: 1
numerics: portable
device: cpu
train_mt:
  tiny:
    network: {kind: recurrent, cell: gru, bidirectional: true, embedding: 8, hidden: 8, layers: 1, dropout: 0.1,
              tied: false, packed: false, attention: {score: general, position: after}}
    training: &training {optimizer: adamw, learning_rate: 0.01, weight_decay: 0.0, schedule: constant, warmup_steps: 0,
                         clip_by: norm, precision: float32,
                         average: none, clip: 1.0, epochs: 2, patience: 2, batch_tokens: 40,
                         short_first: 1, label_smoothing: 0.0, teacher_forcing: 1.0}
  tied:
    network: {kind: transformer, width: 8, heads: 2, layers: 1, feedforward: 8, dropout: 0.0, tied: true}
    training: {<<: *training}
  odd:
    network: {kind: transformer, width: 8, heads: 3, layers: 1, feedforward: 8, dropout: 0.0, tied: true}
    training: {<<: *training}
  wrong:
    network: {kind: recurrent, cell: gru, attention: {score: general, position: beside}}
    training: {<<: *training}
"""


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A folder with parameters and the token ids of twenty pairs."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "params.yaml").write_text(PARAMS, encoding="utf-8")
    tokens = tmp_path / "data/tokens/mt"
    tokens.mkdir(parents=True)
    generator = np.random.default_rng(1)
    for split, count in (("train", 20), ("valid", 5)):
        ids = np.concatenate([[*generator.integers(4, 12, 4), EOS_ID] for _ in range(count)])
        for side in ("src", "tgt"):
            write_ids(tokens, f"{split}.{side}", ids, 12)
    write_manifest(tokens, joint=True)
    return tmp_path


def write_manifest(tokens, *, joint):
    tokenizer = {"kind": "word", "size": 12, "sha256": TOKENIZER.sha256}
    sides = {"tokenizer": tokenizer} if joint else {"tokenizer.src": tokenizer, "tokenizer.tgt": tokenizer}
    for name in sides:
        TOKENIZER.save(tokens / name)
    (tokens / "manifest.json").write_text(json.dumps({**sides, "splits": {}}), encoding="utf-8")
    write_seal(tokens, TOKENS)


def run(name):
    from stages.train_mt import app

    return CliRunner().invoke(app, ["--name", name])


@pytest.mark.parametrize("name", ["tiny", "tied"])
def test_a_model_is_trained_written_and_read_back(place, name):
    result = run(name)
    assert result.exit_code == 0, result.output
    assert len(result.output.splitlines()) == 2  # one line an epoch
    folder = place / "models/mt" / name
    description = open_mt(folder)
    model = load_mt(folder, description)
    assert description.tokenizer_sha256 == TokenizerSums(src=TOKENIZER.sha256, tgt=TOKENIZER.sha256)
    assert open_translator(folder).tgt.pieces == TOKENIZER.pieces
    assert description.vocabulary_sizes == Sizes(src=12, tgt=12, joint=True)
    assert read_json(folder / "config.json")["best_epoch"] in (1, 2)
    with (place / "models/mt" / name / "history.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["epoch"] for row in rows] == ["1", "2"]
    src = torch.tensor([[5, EOS_ID]])
    assert model.decode(torch.tensor([[2]]), model.encode(src, torch.tensor([2]))).shape == (1, 1, 12)


def test_the_same_parameters_give_the_same_bytes(place):
    contents = []
    for _ in range(2):
        assert run("tiny").exit_code == 0
        files = [path for path in (place / "models/mt/tiny").rglob("*") if path.is_file()]
        contents.append({path.name: path.read_bytes() for path in files})
    assert contents[0] == contents[1]
    assert set(contents[0]) == {"weights.safetensors", "config.json", "history.csv", "gradus.seal", *TOKENIZER_FILES}


def test_separate_tokenizers_are_not_tied(place):
    write_manifest(place / "data/tokens/mt", joint=False)
    assert run("tiny").exit_code == 0
    opened = open_translator(place / "models/mt/tiny")
    assert opened.src is not opened.tgt and opened.src.pieces == TOKENIZER.pieces
    result = run("tied")
    assert result.exit_code == 2
    assert "expected one vocabulary for source and target" in result.output
    assert not (place / "models/mt/tied").exists()


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("nothing", "no 'nothing'"),
        ("odd", "a width that is a multiple of the number of heads (width 8, heads 3)"),
        ("wrong", "train_mt.wrong.network.bidirectional: expected a value, found none"),
    ],
)
def test_wrong_parameters_end_with_code_2_and_one_line(place, name, message):
    result = run(name)
    assert result.exit_code == 2
    assert message in result.output
    assert len(result.output.splitlines()) == 1


def test_missing_tokens_are_named(place):
    (place / "data/tokens/mt/train.tgt.npy").unlink()
    result = run("tiny")
    assert result.exit_code == 2
    assert "train.tgt.npy" in result.output


def test_a_folder_with_other_weights_is_refused(place):
    from gradus.errors import InputError

    assert run("tiny").exit_code == 0
    path = place / "models/mt/tiny/config.json"
    path.write_text(path.read_text(encoding="utf-8").replace('"embedding": 8', '"embedding": 4'), encoding="utf-8")
    write_seal(path.parent, NETWORK)
    with pytest.raises(InputError, match="as in config.json"):
        load_mt(path.parent, open_mt(path.parent))
