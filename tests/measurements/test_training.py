"""The first steps of a training, and its divergence."""

import math

import pytest
import torch

from gradus.measurements.fresh import fresh_network
from gradus.measurements.training import (
    POINTS,
    StepRecord,
    TrainingMeasurementConfig,
    record_steps,
    summarize,
)
from gradus.training.clipping import Clipped
from gradus.training.lm import LMTask, LMTrainingConfig
from gradus.training.loop import MARGIN_NATS
from gradus.training.penalties import Penalties
from tests.networks.test_lm_networks import V, text
from tests.networks.test_lm_networks import settings as network_settings

LN_V = math.log(V - 2)


def settings(**changes: object) -> TrainingMeasurementConfig:
    values: dict[str, object] = {
        "kind": "training",
        "steps": 30,
        "window": 5,
        "optimizer": "sgd",
        "learning_rate": 0.5,
        "weight_decay": 0.0,
        "clip_by": "norm",
        "clip": 0.25,
    }
    return TrainingMeasurementConfig(**(values | changes))  # type: ignore[arg-type]


def records(config: TrainingMeasurementConfig, name: str = "rnn_relu") -> list[StepRecord]:
    own = LMTrainingConfig(
        optimizer="adamw",
        learning_rate=0.003,
        weight_decay=0.01,
        schedule="cosine",
        warmup_steps=7,
        precision="float32",
        average="none",
        clip_by="norm",
        clip=1.0,
        epochs=1,
        patience=1,
        batch=4,
        chunk=16,
        carry_state=True,
        chunk_jitter=0.0,
        penalties=Penalties(activation=0.0, temporal=0.0),
        read="stream",
    )
    used = config.applied(own)
    assert (used.batch, used.chunk, used.warmup_steps, used.schedule) == (4, 16, 0, "constant")
    model = fresh_network(network_settings(name), V, seed=1, device=torch.device("cpu"))
    ids = text(400)[0].numpy()
    return record_steps(model, LMTask(model, ids, ids, used, seed=1), used, config.steps)


def made(*nats: float) -> list[StepRecord]:
    return [StepRecord(value, Clipped(2.0, 1.0, True)) for value in nats]


def test_a_clipped_training_runs_through_several_epochs() -> None:
    # 400 tokens are 7 steps of 4 * 16 tokens, so 30 steps are more than 4 epochs
    taken = records(settings())
    assert len(taken) == 30
    assert taken[0].nats == pytest.approx(LN_V, abs=0.5)
    assert all(record.gradient.clipped_norm <= 0.25 for record in taken)
    summary = summarize(taken, 5, LN_V)
    assert (summary["diverged"], summary["diverged_step"], summary["finite_steps"]) == (0, 0, 30)
    assert summary["norm_after_max"] == pytest.approx(0.25)


def test_a_training_that_diverges_is_a_result() -> None:
    taken = records(settings(learning_rate=500.0, clip=0.0))
    summary = summarize(taken, 5, LN_V)
    assert summary["diverged"] == 1
    assert len(taken) < 30 and summary["diverged_step"] == len(taken)
    values = [number for value in summary.values() for number in (value if isinstance(value, list) else [value])]
    assert all(map(math.isfinite, values))


def test_a_loss_that_stays_above_the_limit_has_diverged_from_its_rise() -> None:
    high = LN_V + MARGIN_NATS + 1
    # means of 2 steps: high, mixed (above by 0), low, mixed, high, high; the last rise ends at step 6
    summary = summarize(made(high, high, 1.0, 1.0, high, high, high), 2, LN_V)
    assert (summary["diverged"], summary["diverged_step"]) == (1, 6)
    assert summary["last_nats"] == pytest.approx(high)
    assert summarize(made(high, high, high), 2, LN_V)["diverged_step"] == 2
    assert summarize(made(high, high, 1.0), 2, LN_V)["diverged"] == 0
    assert summarize(made(4.0 + MARGIN_NATS), 1, 4.0)["diverged"] == 0  # at the limit, not above it


def test_no_finite_step_is_a_divergence_at_step_one() -> None:
    summary = summarize(made(math.nan), 1, LN_V)
    assert (summary["diverged"], summary["diverged_step"], summary["finite_steps"]) == (1, 1, 0)
    assert summary["steps"] == summary["nats"] == []


def test_long_series_are_thinned_to_their_ends() -> None:
    summary = summarize(made(*range(1000)), 10, LN_V)
    steps, nats = summary["steps"], summary["nats"]
    assert isinstance(steps, list) and isinstance(nats, list)
    assert len(steps) == len(nats) == POINTS
    assert (steps[0], steps[-1], nats[-1]) == (1, 1000, 999)
    assert summary["last_nats"] == pytest.approx(994.5)  # mean of 990 to 999
    assert summary["clipped_share"] == 1


def test_a_window_longer_than_the_training_is_refused() -> None:
    with pytest.raises(ValueError, match="window"):
        settings(window=31)
