"""Truncated backpropagation carries the state and cuts the gradient; every network learns."""

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from pydantic import TypeAdapter

from gradus.errors import InputError
from gradus.evaluation.neural import ScoringConfig, stream_nats
from gradus.interfaces.language_model import LanguageModel
from gradus.layers.recurrence.table import CELLS
from gradus.networks.language_models.build import LMConfig, build_lm
from gradus.text.special import EOS_ID, PAD_ID
from gradus.training.checkpoint import Checkpoint
from gradus.training.lm import LMTask, LMTrainingConfig
from gradus.training.loop import train

V = 10
TRAINING = {
    "batch": 4,
    "chunk": 8,
    "carry_state": True,
    "chunk_jitter": 0.0,
    "penalties": {"activation": 0.0, "temporal": 0.0},
    "read": "stream",
    "optimizer": "adamw",
    "learning_rate": 0.02,
    "weight_decay": 0.0,
    "schedule": "constant",
    "warmup_steps": 0,
    "precision": "float32",
    "average": "none",
    "clip_by": "norm",
    "clip": 1.0,
    "epochs": 3,
    "patience": 3,
}
OPTIONS = {"rnn": {"nonlinearity": "tanh"}, "gru": {"reset": "after"}}
SIZES = {"embedding": 8, "hidden": 16, "layers": 1, "dropout": 0.1}
RECURRENT = {**SIZES, "tied": False, "initial": "uniform", "skip": "none"}
TRANSFORMER = {"kind": "transformer", "width": 16, "heads": 2, "layers": 1, "feedforward": 32, "dropout": 0.1}
NETWORKS: dict[str, dict[str, Any]] = {
    "ffnn": {"kind": "ffnn", "window": 2, "embedding": 8, "hidden": 16, "dropout": 0.1, "tied": False},
    **{kind: {"kind": kind, **OPTIONS.get(kind, {}), **RECURRENT} for kind in CELLS},
    "rnn_relu": {"kind": "rnn", "nonlinearity": "relu", **RECURRENT},
    "gru_before": {"kind": "gru", "reset": "before", **RECURRENT},
    "lstm_deep": {"kind": "lstm", **RECURRENT, "layers": 2},
    "lstm_tied": {"kind": "lstm", **RECURRENT, "tied": True},
    "gru_residual": {
        "kind": "gru",
        "reset": "after",
        **RECURRENT,
        "layers": 2,
        "initial": "orthogonal",
        "skip": "residual",
    },
    "transformer": {**TRANSFORMER, "positions": "learned", "window": 12, "tied": True},
    "transformer_sinusoidal": {**TRANSFORMER, "positions": "sinusoidal", "window": 8, "tied": False},
}


def training(**changes: Any) -> LMTrainingConfig:
    return TypeAdapter(LMTrainingConfig).validate_json(json.dumps(TRAINING | changes))


def network(name: str) -> LanguageModel:
    torch.manual_seed(1)
    config: LMConfig = TypeAdapter(LMConfig).validate_json(json.dumps(NETWORKS[name]))
    return build_lm(config, V)


def corpus(lines: int, seed: int) -> NDArray[np.uint16]:
    """Lines of 2 to 6 tokens; a token is followed by its successor (4 5 .. 9 4 ..) nine times in ten."""
    rng = np.random.default_rng(seed)
    text: list[int] = []
    for _ in range(lines):
        token = int(rng.integers(4, V))
        for _ in range(rng.integers(2, 7)):
            text.append(token)
            token = 4 + (token - 3) % (V - 4) if rng.random() < 0.9 else int(rng.integers(4, V))
        text.append(EOS_ID)
    return np.array(text, dtype=np.uint16)


TRAIN, VALID = corpus(300, 0), corpus(60, 1)


def unigram_nats() -> float:
    shares = np.bincount(VALID) / len(VALID)
    return float(-(shares[shares > 0] * np.log(shares[shares > 0])).sum())


@pytest.mark.parametrize("name", NETWORKS)
def test_every_architecture_beats_the_unigram_entropy(name: str) -> None:
    """No unigram model is better on the validation text than its empirical entropy."""
    model = network(name)
    config = training()
    epochs = train(model, LMTask(model, TRAIN, VALID, config, seed=1), config)
    assert epochs[-1].train_nats_per_token < epochs[0].train_nats_per_token
    scored = stream_nats(model.eval(), VALID, ScoringConfig(stride=4, chunk=64, batch=16)).mean()
    assert scored < unigram_nats() - 0.3


@pytest.mark.parametrize("name", ["lstm", "gru_before", "transformer"])
def test_the_same_seed_gives_the_same_weights(name: str) -> None:
    def weights() -> dict[str, torch.Tensor]:
        model, config = network(name), training(epochs=2)
        train(model, LMTask(model, TRAIN, VALID, config, seed=1), config)
        return model.state_dict()

    first, second = weights(), weights()
    assert all(torch.equal(first[key], second[key]) for key in first)


def test_a_run_killed_within_an_epoch_ends_with_the_weights_of_one_that_was_not(tmp_path: Path) -> None:
    class Stopping(LMTask):
        def loss(self, batch: Any) -> Any:
            self.left -= 1
            if self.left < 0:
                raise KeyboardInterrupt
            return super().loss(batch)

    config, checkpoint = training(), Checkpoint(tmp_path / "state.pt")
    whole = network("lstm")
    train(whole, LMTask(whole, TRAIN, VALID, config, seed=1), config)
    killed = network("lstm")
    task = Stopping(killed, TRAIN, VALID, config, seed=1)
    task.left = task.steps_per_epoch + 5
    with pytest.raises(KeyboardInterrupt):
        train(killed, task, config, checkpoint=checkpoint)
    resumed = network("rnn_relu").train() and network("lstm")  # whatever was drawn between
    train(resumed, LMTask(resumed, TRAIN, VALID, config, seed=1), config, checkpoint=checkpoint)
    assert all(torch.equal(whole.state_dict()[key], value) for key, value in resumed.state_dict().items())


def test_an_epoch_predicts_every_token_once_and_starts_elsewhere_than_the_one_before() -> None:
    task = LMTask(network("lstm"), TRAIN, VALID, training(), seed=1)
    epochs = [list(task.batches(epoch)) for epoch in (0, 1, 0)]
    targets = [torch.cat([batch[1] for batch in batches], dim=1).flatten() for batches in epochs]
    for flat in targets:
        assert torch.equal(flat[flat != PAD_ID].bincount(), torch.from_numpy(np.bincount(TRAIN)))
    assert torch.equal(targets[0], targets[2])
    assert not torch.equal(targets[0], targets[1])
    assert all(len(batches) == task.steps_per_epoch for batches in epochs)


def test_carried_chunks_have_the_loss_of_the_whole_and_reset_chunks_have_not() -> None:
    """Without dropout, an epoch of chunks with carried state has the nats of one chunk as long as the text."""
    model = network("lstm").eval()

    def nats(**changes: Any) -> float:
        task = LMTask(model, TRAIN, VALID, training(**changes), seed=1)
        with torch.no_grad():
            return sum(float(task.loss(batch)[0]) for batch in task.batches(0))

    whole = nats(chunk=10_000)
    assert nats(chunk=8) == pytest.approx(whole, rel=1e-5)
    assert nats(chunk=8, carry_state=False) != pytest.approx(whole, rel=1e-5)


def test_the_gradient_is_cut_at_the_edge_of_the_chunk() -> None:
    """In the gradient of the second chunk, the state of the first is a constant."""
    model = network("rnn")
    task = LMTask(model.eval(), TRAIN, VALID, training(), seed=1)
    batches = task.batches(0)
    first, second = next(batches), next(batches)
    task.loss(first)
    state = task.state
    assert all(not part.requires_grad for part in state)
    loss, _ = task.loss(second)
    ours = torch.autograd.grad(loss, list(model.parameters()))

    constant = tuple(part.clone() for part in state)
    logits, _ = model(second[0], constant)
    nats = torch.nn.functional.cross_entropy(logits.flatten(0, 1), second[1].flatten(), reduction="sum")
    torch.testing.assert_close(ours, torch.autograd.grad(nats, list(model.parameters())))


@pytest.mark.parametrize("name", ["lstm", "transformer"])
def test_validation_in_one_lane_is_the_score_of_the_stream(name: str) -> None:
    """`stream_nats` with a stride of half a window scores the same contexts as validation in one lane."""
    model = network(name).eval()
    nats, tokens = LMTask(model, TRAIN, VALID, training(batch=1), seed=1).validate()
    scored = stream_nats(model, VALID, ScoringConfig(stride=6, chunk=50, batch=3))
    assert tokens == len(VALID)
    assert nats == pytest.approx(scored.sum(), rel=1e-5)


def test_more_epochs_fit_the_training_text_better() -> None:
    """The training loss falls from the first to the last epoch; an untrained model has about ln 8."""
    model, config = network("lstm"), training(epochs=6, patience=6)
    untrained, tokens = LMTask(model, TRAIN, VALID, config, seed=1).validate()
    assert untrained / tokens == pytest.approx(math.log(8), abs=0.2)
    epochs = train(model, LMTask(model, TRAIN, VALID, config, seed=1), config)
    assert epochs[-1].train_nats_per_token < epochs[0].train_nats_per_token - 0.3


def test_windows_carry_no_state_and_need_a_full_batch() -> None:
    with pytest.raises(ValueError, match="carry_state: false with read: windows"):
        training(read="windows")
    ids, model = np.array([4, 5, 6, 7, 8] * 2), network("lstm")
    assert LMTask(
        model, ids, ids, training(read="windows", carry_state=False, batch=4, chunk=7), seed=1
    ).steps_per_epoch
    with pytest.raises(InputError, match="at least 11 training tokens for a batch of windows"):
        LMTask(model, ids, ids, training(read="windows", carry_state=False, batch=4, chunk=8), seed=1)
