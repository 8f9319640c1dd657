"""The recipe `lecture` against a direct transcription of the lecture's model and update rule."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from ruamel.yaml import YAML
from torch import Tensor, nn

from gradus.corpora.acquire import acquire, read_source
from gradus.networks.language_models.build import build_lm
from gradus.params import read_file, read_params
from gradus.pipeline.overlay import overlay
from gradus.pipeline.recipe import read_recipe
from gradus.text.special import BOS_ID, EOS_ID, PAD_ID
from gradus.text.tokenizers.words import WordTokenizer, train_words
from gradus.training.lm import LMTask
from gradus.training.loop import train
from stages.train_lm import TrainLMConfig

LINES = "the cat sat on the mat\nthe dog sat on the log\nthe cat chased the dog\nthe dog chased the cat"
WORDS = LINES.split()


@pytest.fixture
def recipe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[TrainLMConfig, WordTokenizer, Any]:
    """The settings of the recipe's LSTM, the tokenizer of its corpus, and the token ids."""
    monkeypatch.setenv("GRADUS_CORPORA", str(tmp_path / "corpora"))
    params = overlay(read_file(Path("params.yaml"), dict), read_recipe("lecture", Path("experiments")).params)
    with (path := tmp_path / "params.yaml").open("w") as file:
        YAML(typ="safe", pure=True).dump(params, file)
    source = read_source(path, "lm")
    corpus = acquire(source, path, tmp_path / "own", log=lambda line: None, registry=tmp_path / "none.yaml")
    assert corpus.splits == {split: ([" ".join(WORDS)],) for split in ("train", "valid", "test")}
    tokenizer = train_words(corpus.splits["train"][0], 1)
    return read_params(path, "train_lm.lstm", TrainLMConfig), tokenizer, tokenizer.encode_lines([" ".join(WORDS)])


def ids_of(tokenizer: WordTokenizer, words: list[str]) -> Tensor:
    return torch.from_numpy(np.asarray(tokenizer.encode_lines([" ".join(words)])[:-1], dtype=np.int64))


def test_an_epoch_reads_the_windows_of_the_lecture(recipe: tuple[TrainLMConfig, WordTokenizer, Any]) -> None:
    config, tokenizer, ids = recipe
    task = LMTask(build_lm(config.network, tokenizer.size), ids, ids, config.training, seed=1)
    stream = ids_of(tokenizer, WORDS)
    lecture = {(tuple(stream[i : i + 6].tolist()), tuple(stream[i + 1 : i + 7].tolist())) for i in range(22 - 6)}
    seen = set()
    for epoch in range(20):
        batches = list(task.batches(epoch))
        rows = [(tuple(x.tolist()), tuple(y.tolist())) for batch in batches for x, y in zip(*batch, strict=True)]
        assert [len(batch[0]) for batch in batches] == [8, 8] and len(set(rows)) == 16
        seen |= set(rows)
    others = seen - lecture
    assert lecture <= seen and len(seen) == 18  # two more windows: EOS before the first word, EOS after the last
    assert all(x[0] == EOS_ID or y[-1] == EOS_ID for x, y in others)


def test_training_follows_the_equations_of_the_lecture(recipe: tuple[TrainLMConfig, WordTokenizer, Any]) -> None:
    """Equal weights and batches give equal losses and weights after 3 epochs; without dropout, which draws numbers."""
    config, tokenizer, ids = recipe
    network, settings = replace(config.network, dropout=0.0), replace(config.training, epochs=3, patience=3)  # type: ignore[call-arg]
    torch.manual_seed(1)
    ours = build_lm(network, tokenizer.size)
    task = LMTask(ours, ids, ids, settings, seed=1)
    batches = [list(task.batches(epoch)) for epoch in range(3)]
    v = tokenizer.size
    embedding, lstm, output = nn.Embedding(v, 64), nn.LSTM(64, 128, batch_first=True), nn.Linear(128, v)
    theirs = nn.ModuleList([embedding, lstm, output])
    own = ours.state_dict()
    embedding.load_state_dict({"weight": own["embedding.weight"]})
    lstm.load_state_dict({name: own[f"recurrence.{name}"] for name in lstm.state_dict()})
    output.load_state_dict({"weight": own["output.weight"], "bias": own["output.bias"]})
    matrices = [p for p in theirs.parameters() if p.dim() == 2]
    vectors = [p for p in theirs.parameters() if p.dim() == 1]  # the lecture decays these too
    update = torch.optim.AdamW(
        [{"params": matrices}, {"params": vectors, "weight_decay": 0.0}], lr=2e-3, weight_decay=1e-2
    )
    expected = []
    for epoch in batches:
        losses = []
        for x, y in epoch:
            logits = output(lstm(embedding(x))[0])
            logits = logits.index_fill(
                -1, torch.tensor([PAD_ID, BOS_ID]), -torch.inf
            )  # PAD and BOS are never predicted
            loss = nn.functional.cross_entropy(logits.flatten(0, 1), y.flatten())
            update.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(theirs.parameters(), 1.0)
            update.step()
            losses.append(loss.item())
        expected.append(sum(losses) / len(losses))
    found = [epoch.train_nats_per_token for epoch in train(ours, task, settings)]
    assert found == pytest.approx(expected, abs=1e-5)
    assert found[-1] < found[0]


def test_the_trained_model_continues_the_prompt(recipe: tuple[TrainLMConfig, WordTokenizer, Any]) -> None:
    config, tokenizer, ids = recipe
    torch.manual_seed(1)
    model = build_lm(config.network, tokenizer.size)
    epochs = train(model, LMTask(model, ids, ids, config.training, seed=1), config.training)
    assert len(epochs) == 30 and epochs[-1].train_nats_per_token < 0.5 * epochs[0].train_nats_per_token
    model.eval()
    words, state = ["the", "cat", "sat", "on", "the", "mat"], model.initial_state(1)
    logits, state = model(ids_of(tokenizer, words)[None], state)
    for _ in range(8):
        token = logits[:, -1:].argmax(-1)
        words.append(tokenizer.pieces[int(token)])
        logits, state = model(token, state)
    assert words == WORDS[:14]
