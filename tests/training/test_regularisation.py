"""Penalties on features, jitter of chunks, and Muon."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from gradus.layers.output import OutputLayer, new_embedding
from gradus.text.special import EOS_ID
from gradus.text.streams import jittered_count, jittered_lengths
from gradus.training.clipping import clipped_step
from gradus.training.lm import LMTask
from gradus.training.optim import build_optimizers
from gradus.training.penalties import Penalties
from tests.training.test_lm_training import network, training


def test_penalties_by_hand() -> None:
    features = torch.tensor([[[1.0, 2.0], [3.0, 0.0]]])  # mean square 14 / 4; differences 2 and -2, mean square 4
    assert Penalties(activation=2.0, temporal=0.0).of(features).item() == pytest.approx(7)  # type: ignore[union-attr]
    assert Penalties(activation=0.0, temporal=0.5).of(features).item() == pytest.approx(2)  # type: ignore[union-attr]
    assert Penalties(activation=0.0, temporal=0.5).of(features[:, :1]) == 0
    assert Penalties(activation=0.0, temporal=0.0).of(features) is None


@pytest.mark.parametrize(
    ("length", "chunk", "deviation"), [(46_480, 70, 5.0), (100, 7, 3.0), (13, 5, 0.0), (3, 70, 5.0)]
)
def test_jittered_lengths_fill_the_lane_with_their_mean_and_spread(length: int, chunk: int, deviation: float) -> None:
    draws = [jittered_lengths(length, chunk, deviation, torch.Generator().manual_seed(seed)) for seed in range(20)]
    assert all(sum(lengths) == length and min(lengths) >= 1 for lengths in draws)
    assert {len(lengths) for lengths in draws} == {min(jittered_count(length, chunk), length)}
    if length > 10_000:
        values = np.concatenate(draws)
        assert values.mean() == pytest.approx(0.975 * chunk, rel=0.01)
        usual = values[values > 0.7 * chunk]
        assert usual.std() == pytest.approx(deviation, rel=0.1)
        assert len(usual) / len(values) == pytest.approx(0.95, abs=0.01)
        assert draws[0] != draws[1]


def test_every_token_of_a_jittered_epoch_is_read_once_and_the_rate_follows_the_length() -> None:
    ids = np.array([*range(4, 9), EOS_ID] * 40, dtype=np.uint16)
    task = LMTask(network("lstm"), ids, ids, replace(training(), batch=4, chunk=10, chunk_jitter=3.0), seed=1)
    epochs = [list(task.batches(epoch)) for epoch in (0, 1)]
    for batches in epochs:
        assert len(batches) == task.steps_per_epoch
        read = torch.cat([targets for _, targets in batches], dim=1)
        assert sorted(read.flatten().tolist()) == sorted(ids.tolist())
        assert [task.rate_factor(batch) for batch in batches] == [batch[0].shape[1] / 10 for batch in batches]
    assert [batch[0].shape for batch in epochs[0]] != [batch[0].shape for batch in epochs[1]]


def test_muon_updates_the_matrices_of_layers_and_adamw_the_rest() -> None:
    model = network("lstm")
    muon, adamw = build_optimizers(model, replace(training(), optimizer="muon", weight_decay=0.3))
    assert isinstance(muon, torch.optim.Muon) and isinstance(adamw, torch.optim.AdamW)
    names = {id(weight): name for name, weight in model.named_parameters()}
    chosen = [names[id(weight)] for group in muon.param_groups for weight in group["params"]]
    assert sorted(chosen) == ["recurrence.weight_hh_l0", "recurrence.weight_ih_l0"]
    rest = {names[id(w)]: group["weight_decay"] for group in adamw.param_groups for w in group["params"]}
    assert rest["embedding.weight"] == rest["output.weight"] == 0.3
    assert rest["output.bias"] == rest["recurrence.bias_ih_l0"] == 0


@pytest.mark.parametrize("optimizer", ["adamw", "sgd", "muon"])
def test_clipping_divides_the_gradients_of_every_optimizer(optimizer: str) -> None:
    model = network("lstm")
    torch.manual_seed(1)
    for weight in model.parameters():
        weight.grad = torch.randn_like(weight)
    total = math.sqrt(sum(weight.grad.square().sum().item() for weight in model.parameters()))  # type: ignore[union-attr]
    optimizers = build_optimizers(model, replace(training(), optimizer=optimizer))
    clipped = clipped_step(optimizers, "norm", 0.5)
    assert (clipped.norm, clipped.clipped_norm, clipped.clipped) == (pytest.approx(total, rel=1e-5), 0.5, True)
    after = math.sqrt(sum(weight.grad.square().sum().item() for weight in model.parameters()))  # type: ignore[union-attr]
    assert after == pytest.approx(0.5, rel=1e-5)


def test_the_weights_of_types_are_those_of_embeddings_and_output_layers() -> None:
    embedding = new_embedding(9, 4)
    model = nn.ModuleList([embedding, OutputLayer(6, embedding, tied=True), nn.Linear(3, 3)])
    (muon, adamw) = build_optimizers(model, replace(training(), optimizer="muon"))
    assert [tuple(weight.shape) for group in muon.param_groups for weight in group["params"]] == [(3, 3)]
    assert sum(len(group["params"]) for group in adamw.param_groups) == 4
