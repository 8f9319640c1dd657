"""A training that is killed anywhere, and resumed, ends with the bytes of one that was not killed."""

import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from pydantic import TypeAdapter
from torch import Tensor, nn

from gradus.errors import InputError, RunError
from gradus.networks.language_models.build import LMConfig, build_lm
from gradus.networks.translation_models.build import MTConfig, build_mt
from gradus.networks.translation_models.parts import Sizes
from gradus.text.pairs import Lines, Pairs
from gradus.text.special import EOS_ID
from gradus.text.token_ids import line_starts
from gradus.training import saving
from gradus.training.averaging import ExponentialAverage, RunningAverage, TailAverage
from gradus.training.checkpoint import Checkpoint
from gradus.training.lm import LMTask, LMTrainingConfig
from gradus.training.loop import train
from gradus.training.mt import TranslationTask, TranslationTraining
from gradus.training.optim import TrainingConfig
from gradus.training.penalties import Penalties

V = 12
RECURRENT = {"embedding": 6, "hidden": 6, "layers": 2, "dropout": 0.3, "tied": True, "initial": "uniform"}
SITES = {"embedding": 0.1, "inputs": 0.2, "hidden": 0.2, "outputs": 0.2, "recurrent": 0.3}
TRANSFORMER = {"width": 8, "heads": 2, "layers": 1, "feedforward": 8, "dropout": 0.3, "tied": True}
LMS: dict[str, dict[str, Any]] = {
    "lstm": {"kind": "lstm", "skip": "none", **RECURRENT},
    "lstm_sites": {"kind": "lstm", "skip": "none", **RECURRENT, "dropout": SITES},
    "gru": {"kind": "gru", "reset": "before", "skip": "residual", **RECURRENT},
    "ffnn": {"kind": "ffnn", "window": 3, "embedding": 6, "hidden": 6, "dropout": 0.3, "tied": False},
    "transformer": {"kind": "transformer", **TRANSFORMER, "positions": "learned", "window": 12},
}
ATTENTION = {"score": "general", "position": "after"}
MTS: dict[str, dict[str, Any]] = {
    "attention": {
        **{"kind": "recurrent", "cell": "gru", "bidirectional": True, "embedding": 6, "hidden": 6, "layers": 2},
        **{"dropout": 0.3, "tied": False, "packed": False, "attention": ATTENTION},
    },
    "transformer": {"kind": "transformer", **TRANSFORMER},
}
COMMON: dict[str, Any] = {
    **{"optimizer": "adamw", "learning_rate": 0.02, "weight_decay": 0.1, "schedule": "cosine", "warmup_steps": 3},
    **{"precision": "float32", "average": "none", "clip_by": "norm", "clip": 1.0, "epochs": 3, "patience": 3},
}
LM_TRAINING = LMTrainingConfig(
    **COMMON,
    batch=4,
    chunk=7,
    carry_state=True,
    chunk_jitter=0.0,
    penalties=Penalties(activation=0.0, temporal=0.0),
    read="stream",
)
MT_TRAINING = TranslationTraining(**COMMON, batch_tokens=40, short_first=1, label_smoothing=0.1, teacher_forcing=0.7)


def lines(count: int, seed: int) -> Lines:
    draw = np.random.default_rng(seed)
    ids = np.concatenate([np.append(draw.integers(4, V, draw.integers(1, 7)), EOS_ID) for _ in range(count)])
    return Lines(ids, line_starts(ids))


Made = tuple[nn.Module, Any, TrainingConfig]
"""A model with its task and settings."""


def language_model(name: str, config: LMTrainingConfig = LM_TRAINING) -> Made:
    torch.manual_seed(1)
    model = build_lm(TypeAdapter(LMConfig).validate_json(json.dumps(LMS[name])), V)
    return model, LMTask(model, lines(25, 1).ids, lines(10, 2).ids, config, seed=1), config


def translation_model(name: str) -> Made:
    torch.manual_seed(1)
    model = build_mt(TypeAdapter(MTConfig).validate_json(json.dumps(MTS[name])), Sizes(V, V, True))
    pairs, valid = Pairs(lines(30, 1), lines(30, 2)), Pairs(lines(8, 3), lines(8, 4))
    return model, TranslationTask(model, pairs, valid, MT_TRAINING, seed=1), MT_TRAINING


CASES: dict[str, Callable[[], Made]] = {
    **{f"lm-{name}": lambda name=name: language_model(name) for name in LMS},  # type: ignore[misc]
    "lm-sgd": lambda: language_model("lstm", replace(LM_TRAINING, optimizer="sgd", schedule="plateau")),
    "lm-muon": lambda: language_model("lstm", replace(LM_TRAINING, optimizer="muon")),
    "lm-ema": lambda: language_model("lstm", replace(LM_TRAINING, average=ExponentialAverage(kind="ema", decay=0.9))),
    "lm-tail": lambda: language_model("lstm", replace(LM_TRAINING, average=TailAverage(kind="tail", epochs=2))),
    "lm-jitter": lambda: language_model("lstm", replace(LM_TRAINING, chunk_jitter=2.0)),
    "lm-penalties": lambda: language_model(
        "lstm", replace(LM_TRAINING, penalties=Penalties(activation=0.5, temporal=0.2))
    ),
    "lm-reset": lambda: language_model("lstm", replace(LM_TRAINING, carry_state=False)),
    "lm-windows": lambda: language_model("lstm", replace(LM_TRAINING, carry_state=False, read="windows", batch=12)),
    **{f"mt-{name}": lambda name=name: translation_model(name) for name in MTS},  # type: ignore[misc]
}


@pytest.fixture(autouse=True)
def fast_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Skip the wait for the disk, which a kill of the process does not need."""
    monkeypatch.setattr("os.fsync", lambda file: None)


def killed_after(task: Any, calls: int, method: str) -> None:
    """Make the task stop the training at call `calls`, counted from 0, of a method."""
    left, call = calls, getattr(task, method)

    def counted(*arguments: Any) -> Any:
        nonlocal left
        if left == 0:
            raise KeyboardInterrupt
        left -= 1
        return call(*arguments)

    setattr(task, method, counted)


def result(made: Made, epochs: object, checkpoint: Checkpoint) -> tuple[dict[str, bytes], object, bytes]:
    weights = {name: tensor.numpy().tobytes() for name, tensor in made[0].state_dict().items()}
    return weights, epochs, checkpoint.history.read_bytes()


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_a_kill_at_any_step_changes_no_byte(case: Callable[[], Made], tmp_path: Path) -> None:
    """Steps 1, 2, the last of an epoch, the first and a middle one of the next; then before a validation."""
    whole, made = Checkpoint(tmp_path / "whole.checkpoint"), case()
    expected = result(made, train(*made, checkpoint=whole), whole)
    per_epoch = made[1].steps_per_epoch
    assert per_epoch > 3
    moments = [("loss", step) for step in (1, 2, per_epoch - 1, per_epoch, per_epoch + 2)]
    for method, calls in [*moments, ("validate", 0), ("validate", 1)]:
        checkpoint = Checkpoint(tmp_path / f"{method}{calls}.checkpoint", seconds=0)
        killed = case()
        killed_after(killed[1], calls, method)
        with pytest.raises(KeyboardInterrupt):
            train(*killed, checkpoint=checkpoint)
        again, log = case(), list[str]()
        torch.manual_seed(99)  # the state of the generator comes from the checkpoint
        epochs = train(*again, checkpoint=checkpoint, log=log.append)
        epochs_done, steps_done = (
            (calls, (calls + 1) * per_epoch) if method == "validate" else (calls // per_epoch, calls)
        )
        assert log[0] == f"resumed after step {steps_done} (finished epochs: {epochs_done})"
        assert result(again, epochs, checkpoint) == expected


@pytest.mark.parametrize("steps", [1, 4, 6, 9])
def test_the_interval_of_the_saves_changes_no_byte(steps: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A clock that advances with every look saves at some steps only, so a kill loses several steps."""
    made, whole = language_model("lstm"), Checkpoint(tmp_path / "whole.checkpoint")
    expected = result(made, train(*made, checkpoint=whole), whole)
    clock = iter(range(10**6))
    monkeypatch.setattr(saving, "PAUSE", 0)
    monkeypatch.setattr(saving.time, "monotonic", lambda: next(clock))
    checkpoint, killed = Checkpoint(tmp_path / "run.checkpoint", seconds=float(steps)), language_model("lstm")
    killed_after(killed[1], 2 * killed[1].steps_per_epoch + 3, "loss")
    with pytest.raises(KeyboardInterrupt):
        train(*killed, checkpoint=checkpoint)
    again = language_model("lstm")
    assert result(again, train(*again, checkpoint=checkpoint), checkpoint) == expected


def test_a_save_that_is_due_waits_for_the_interval_and_for_fifty_times_its_own_time(tmp_path: Path) -> None:
    now, written = [0.0], list[float]()

    class Slow(Checkpoint):
        def write(self, tensors: Any, values: Any) -> None:
            written.append(now[0])
            now[0] += 2.0

    made = language_model("lstm")
    average = RunningAverage(made[0], "none", 3)
    run = saving.Run(made[0], [torch.optim.SGD(made[0].parameters(), lr=0.1)], average)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(saving.time, "monotonic", lambda: now[0])
        saver = saving.Saver(run, {}, 5, Slow(tmp_path / "run.checkpoint", seconds=60.0))
        for moment in (59.0, 60.0, 61.0, 161.9, 162.0, 300.0):
            now[0] = max(now[0], moment)
            saver.save_when_due()
    assert written == [60.0, 162.0, 300.0]  # 100 seconds after the end of a save that took two


def _grow(tensors: dict[str, Tensor]) -> None:
    tensors["carried_state.0"] = torch.cat([tensors["carried_state.0"]] * 2)


def _misspell(tensors: dict[str, Tensor]) -> None:
    tensors["carried_state.1"] = tensors["carried_state.1"].double()


def _break(tensors: dict[str, Tensor]) -> None:
    tensors["carried_state.1"].view(-1)[0] = float("inf")


def _drop(tensors: dict[str, Tensor]) -> None:
    del tensors["carried_state.1"]


def _lengthen(tensors: dict[str, Tensor]) -> None:
    for name in [name for name in tensors if name.startswith("carried_state.")]:
        dim = next(
            dim for dim, size in enumerate(tensors[name].shape) if size not in (2, 4)
        )  # B 4, heads 2, D / heads 4
        tensors[name] = torch.cat([tensors[name]] * 20, dim=dim)


@pytest.mark.parametrize("name", LMS)
def test_the_carried_state_keeps_its_order_in_memory(name: str) -> None:
    """Kernels may compute other bytes for another order."""
    made, again = language_model(name), language_model(name)
    with torch.no_grad():
        made[1].loss(next(made[1].batches(0)))
    part = again[1].parts["carried_state"]
    saved = made[1].parts["carried_state"].save()
    part.check(saved)
    part.restore(saving.Saved({name: tensor.contiguous() for name, tensor in saved.tensors.items()}, saved.values))
    for one, other in zip(made[1].state, again[1].state, strict=True):
        assert torch.equal(one, other)
        assert np.argsort(one.stride()).tolist() == np.argsort(other.stride()).tolist()


def _shift(tensors: dict[str, Tensor]) -> None:
    tensors["carried_state.0"] += V


@pytest.mark.parametrize(
    ("name", "change"),
    [
        *[("lstm", change) for change in (_grow, _misspell, _break, _drop)],
        *[("transformer", change) for change in (_grow, _break, _drop, _lengthen, _shift)],
        *[("ffnn", change) for change in (_grow, _shift)],
    ],
)
def test_a_carried_state_that_does_not_fit_is_set_aside(
    name: str, change: Callable[[dict[str, Tensor]], None], tmp_path: Path
) -> None:
    checkpoint, killed = Checkpoint(tmp_path / "run.checkpoint", seconds=0), language_model(name)
    killed_after(killed[1], 2, "loss")
    with pytest.raises(KeyboardInterrupt):
        train(*killed, checkpoint=checkpoint)
    tensors, values = checkpoint.read()
    change(tensors)
    checkpoint.write(tensors, values)
    again, log = language_model(name), list[str]()
    train(*again, checkpoint=checkpoint, log=log.append)
    assert "is damaged (the carried state has" in log[0]


def spoiled_at(made: Made, step: int, *, steps_before: int = 0) -> Made:
    """Make the loss of a step infinite. The step is counted from 1."""
    task, call, done = made[1], made[1].loss, steps_before

    def loss(batch: Any) -> tuple[Tensor, int]:
        nonlocal done
        done += 1
        nats, tokens = call(batch)
        return nats * (torch.inf if done == step else 1), tokens

    task.loss = loss
    return made


def test_a_failed_training_keeps_its_last_good_state_and_fails_again_at_once(tmp_path: Path) -> None:
    checkpoint = Checkpoint(tmp_path / "run.checkpoint", seconds=0)
    error = (
        r"^the loss is not finite at step 9 \(loss (inf|nan), learning rate 0.0\d+, gradient norm (inf|nan)\); lower "
        rf"learning_rate, or set clip. The state after step 8 is in {checkpoint.path}: a run with the same parameters "
        r"continues there, and a run with other parameters starts anew$"
    )
    with pytest.raises(RunError, match=error):
        train(*spoiled_at(language_model("lstm"), 9), checkpoint=checkpoint)
    kept, history = checkpoint.path.read_bytes(), checkpoint.history.read_bytes()
    assert history.count(b"\n") == 2  # the header and one epoch
    for _ in range(2):
        log: list[str] = []
        with pytest.raises(RunError, match=error):
            train(*spoiled_at(language_model("lstm"), 9, steps_before=8), checkpoint=checkpoint, log=log.append)
        assert log == ["resumed after step 8 (finished epochs: 1)"]
        assert checkpoint.path.read_bytes() == kept
    assert sorted(path.name for path in tmp_path.iterdir()) == ["run.checkpoint", "run.history.csv"]


def test_without_a_saved_state_the_error_names_none(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="or set clip$"):
        train(*spoiled_at(language_model("lstm"), 2), checkpoint=Checkpoint(tmp_path / "run.checkpoint"))
    assert not list(tmp_path.iterdir())


def test_a_validation_loss_that_is_not_finite_keeps_the_last_good_state(tmp_path: Path) -> None:
    checkpoint, made = Checkpoint(tmp_path / "run.checkpoint", seconds=0), language_model("lstm")
    last = made[1].steps_per_epoch
    made[1].validate = lambda: (float("nan"), 10)
    with pytest.raises(
        RunError, match=rf"^the validation loss is nan after step {last} \(learning rate 0.\d+, largest"
    ):
        train(*made, checkpoint=checkpoint)
    assert checkpoint.read()[1]["progress"]["sums"]["steps"] == last


def test_weights_that_are_not_finite_are_never_saved(tmp_path: Path) -> None:
    """Each step multiplies the weights by 1 - 1000 * 1000, so after some steps they overflow a float32."""
    checkpoint, whole = Checkpoint(tmp_path / "run.checkpoint", seconds=0), Checkpoint(tmp_path / "whole.checkpoint")
    wild = {"learning_rate": 1000.0, "weight_decay": 1000.0, "clip": 0.0, "schedule": "constant", "warmup_steps": 0}
    config = replace(LM_TRAINING, **wild)  # type: ignore[arg-type]
    errors, logs = [], []
    for kept in (whole, checkpoint, checkpoint):
        log: list[str] = []
        with pytest.raises(RunError, match="not finite|the validation loss is") as caught:
            train(*language_model("lstm", config), checkpoint=kept, log=log.append)
        errors.append(str(caught.value).partition(". The state after")[0])
        logs.append(log)
        if kept.exists():
            tensors, _ = kept.read()
            assert all(torch.isfinite(tensor).all() for tensor in tensors.values())
    assert not whole.exists() and checkpoint.exists()
    assert errors[0] == errors[1] == errors[2]  # when a state is saved does not matter
    assert logs[2][0].startswith("resumed after step ")


def test_a_place_that_is_no_history_is_refused_before_the_first_step(tmp_path: Path) -> None:
    checkpoint = Checkpoint(tmp_path / "run.checkpoint")

    def refused(found: str) -> None:
        made = language_model("lstm")
        killed_after(made[1], 0, "loss")
        with pytest.raises(InputError, match=rf"history.csv: expected the history .*, found {found}; remove it$"):
            train(*made, checkpoint=checkpoint)

    checkpoint.history.write_text("notes\n")
    refused("another file")
    assert checkpoint.history.read_text() == "notes\n"
    checkpoint.history.unlink()
    os.mkfifo(checkpoint.history)
    refused("a pipe or a device")
