"""The training loop on a least-squares problem small enough to check by hand."""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from gradus.errors import RunError
from gradus.runtime import RuntimeConfig
from gradus.training.checkpoint import Checkpoint, checkpoint_for
from gradus.training.history import write_history
from gradus.training.loop import train
from gradus.training.optim import TrainingConfig, build_optimizers, learning_rate
from gradus.training.parts import Part
from gradus.training.run import Epoch


def config(**changes: object) -> TrainingConfig:
    values: dict[str, object] = {
        "optimizer": "adamw",
        "learning_rate": 0.05,
        "weight_decay": 0.0,
        "schedule": "constant",
        "warmup_steps": 0,
        "precision": "float32",
        "average": "none",
        "clip_by": "norm",
        "clip": 0.0,
        "epochs": 4,
        "patience": 4,
    }
    return TrainingConfig(**(values | changes))  # type: ignore[arg-type]


class Regression:
    """Fit y = 2x with dropout on x, so that the random generator matters."""

    steps_per_epoch = 5
    uniform_nats = 5.0
    parts: Mapping[str, Part] = {}

    def __init__(self, model: nn.Module, stop_in_epoch: int | None = None, scale: float = 1.0) -> None:
        self.model, self.stop_in_epoch, self.scale = model, stop_in_epoch, scale

    def batches(self, epoch: int, start: int = 0) -> Iterator[tuple[Tensor, Tensor]]:
        generator = torch.Generator().manual_seed(epoch)
        for step in range(self.steps_per_epoch):
            if epoch == self.stop_in_epoch and step == 2:
                raise KeyboardInterrupt
            x = torch.randn(8, 3, generator=generator)
            if step >= start:
                yield x, 2 * x.sum(1)

    def rate_factor(self, batch: tuple[Tensor, Tensor]) -> float:
        return 1.0

    def loss(self, batch: tuple[Tensor, Tensor]) -> tuple[Tensor, int]:
        x, y = batch
        error = self.model(nn.functional.dropout(x, 0.2)).squeeze(1) - y
        return self.scale * (error**2).sum(), len(y)

    def validate(self) -> tuple[float, int]:
        x = torch.eye(3)
        with torch.no_grad():
            return float(((self.model(x).squeeze(1) - 2) ** 2).sum()), 3


def model() -> nn.Linear:
    torch.manual_seed(3)
    return nn.Linear(3, 1)


def test_killed_and_resumed_training_ends_with_the_same_bytes(tmp_path: Path) -> None:
    whole = model()
    expected = train(whole, Regression(whole), config())

    checkpoint = Checkpoint(tmp_path / "run.checkpoint", seconds=0)
    killed = model()
    with pytest.raises(KeyboardInterrupt):
        train(killed, Regression(killed, stop_in_epoch=2), config(), checkpoint=checkpoint)
    resumed = model()
    torch.manual_seed(99)  # the generator's state comes back from the checkpoint
    lines: list[str] = []
    assert train(resumed, Regression(resumed), config(), checkpoint=checkpoint, log=lines.append) == expected
    assert lines[0] == "resumed after step 12 (finished epochs: 2)"
    assert all(torch.equal(a, b) for a, b in zip(whole.parameters(), resumed.parameters(), strict=True))


@pytest.mark.parametrize(
    ("clip_by", "clip", "moved"),
    [
        ("norm", 0.0, (3.0, 4.0)),
        ("norm", 1.0, (0.6, 0.8)),  # divided by the norm, 5
        ("norm", 6.0, (3.0, 4.0)),
        ("value", 0.0, (3.0, 4.0)),
        ("value", 1.0, (1.0, 1.0)),
        ("value", 3.5, (3.0, 3.5)),
        ("value", 6.0, (3.0, 4.0)),
    ],
)
def test_clipping_limits_the_norm_or_each_component(clip_by: str, clip: float, moved: tuple[float, float]) -> None:
    """Two parameters have the gradients 3 and 4; plain gradient descent with rate 1 moves them by these amounts."""
    line = nn.Linear(1, 1)
    nn.init.zeros_(line.weight), nn.init.zeros_(line.bias)

    class Slope(Regression):
        steps_per_epoch = 1

        def batches(self, epoch: int, start: int = 0) -> Iterator[tuple[Tensor, Tensor]]:
            yield torch.zeros(1), torch.zeros(1)

        def rate_factor(self, batch: tuple[Tensor, Tensor]) -> float:
            return 1.0

        def loss(self, batch: tuple[Tensor, Tensor]) -> tuple[Tensor, int]:
            return 3 * line.weight.sum() + 4 * line.bias.sum(), 1

        def validate(self) -> tuple[float, int]:
            return 1.0, 1

    settings = config(optimizer="sgd", learning_rate=1.0, clip_by=clip_by, clip=clip, epochs=1)
    (epoch,) = train(line, Slope(line), settings)
    assert (-line.weight.item(), -line.bias.item()) == pytest.approx(moved, abs=1e-5)
    assert epoch.gradient_norm_mean == epoch.gradient_norm_max == pytest.approx(5.0)
    assert epoch.clipped_norm_mean == pytest.approx(math.hypot(*moved), abs=1e-5)
    assert epoch.clipped_share == float(moved != (3.0, 4.0))


def test_the_weights_best_on_validation_are_kept_and_patience_ends_training() -> None:
    line = model()

    class Worsening(Regression):
        seen: list[Tensor] = []

        def validate(self) -> tuple[float, int]:
            self.seen.append(line.weight.detach().clone())
            return float(abs(len(self.seen) - 2)), 1  # 1, 0, 1, 2, ...: best after the second epoch

    task = Worsening(line)
    epochs = train(line, task, config(epochs=9, patience=2))
    assert len(epochs) == 4
    assert torch.equal(line.weight, task.seen[1])


def test_a_loss_that_is_not_finite_is_named() -> None:
    line = model()
    with pytest.raises(RunError, match=r"not finite at step 1 \(loss inf, learning rate 0.05, gradient norm"):
        train(line, Regression(line, scale=math.inf), config())


SCHEDULES = [
    {"schedule": "constant"},
    {"schedule": "cosine", "warmup_steps": 3},
    {"schedule": "plateau", "patience": 1, "epochs": 9},
]


@pytest.mark.parametrize("changes", SCHEDULES)
@pytest.mark.parametrize("optimizer", ["adamw", "sgd"])
def test_a_training_that_ends_worse_than_a_guess_is_no_success(changes: dict[str, object], optimizer: str) -> None:
    """Steps have length 1000, or 1000 per weight, and the minimum is at 2; clipping keeps the loss finite."""
    line = model()
    settings = config(learning_rate=1000.0, optimizer=optimizer, clip=1.0, **changes)
    with pytest.raises(
        RunError, match=r"failed: its best validation loss, \S+ nats .* ln V = 5 \(learning rate 1e\+03, \d+ steps\)"
    ):
        train(line, Regression(line), settings)


@pytest.mark.parametrize(("loss", "passes"), [(5.9, True), (6.1, False)])
def test_the_margin_is_one_nat(loss: float, passes: bool) -> None:
    line = model()

    class Constant(Regression):
        def validate(self) -> tuple[float, int]:
            return 10 * loss, 10

    if passes:
        assert train(line, Constant(line), config(epochs=1))[0].valid_nats_per_token == loss
    else:
        with pytest.raises(RunError, match=r"best validation loss, 6.1 nats per token, is more than 1 above"):
            train(line, Constant(line), config(epochs=1))


def test_a_weight_that_is_not_finite_is_no_success() -> None:
    """The validation loss does not depend on an embedding that the text does not use."""

    class Unused(nn.Linear):
        def __init__(self) -> None:
            super().__init__(3, 1)
            self.unused = nn.Parameter(torch.ones(2))

    line = Unused()

    class Overflowing(Regression):
        def loss(self, batch: tuple[Tensor, Tensor]) -> tuple[Tensor, int]:
            nats, tokens = super().loss(batch)
            with torch.no_grad():
                line.unused[0] *= 1e20
            return nats, tokens

    with pytest.raises(RunError, match=r"^the weight unused is not finite after step 5 \(learning rate 0.05, largest"):
        train(line, Overflowing(line), config())


def test_learning_rate_by_hand() -> None:
    warm = config(schedule="cosine", learning_rate=0.1, warmup_steps=4)
    assert learning_rate(warm, 0, 100, []) == pytest.approx(0.1 / 4)
    assert learning_rate(warm, 50, 100, []) == pytest.approx(0.1 * (1 + math.cos(math.pi / 2)) / 2)
    assert learning_rate(warm, 100, 100, []) == pytest.approx(0.0)
    plateau = config(schedule="plateau", learning_rate=0.1)
    # 3 improves on 4 and 2 on 3; 2 and 5 improve on nothing: two epochs stalled
    assert learning_rate(plateau, 9, 100, [4, 3, 2, 2, 5]) == pytest.approx(0.1 / 4**2)


def test_weight_decay_spares_vectors() -> None:
    (optimizer,) = build_optimizers(model(), config(weight_decay=0.3))
    matrices, vectors = optimizer.param_groups
    assert [parameter.dim() for parameter in matrices["params"]] == [2]
    assert (matrices["weight_decay"], vectors["weight_decay"]) == (0.3, 0.0)


def _reshape(tensors: dict[str, Tensor], values: dict[str, Any]) -> None:
    tensors["model.weight"] = tensors["model.weight"][:, :2].clone()


def _break_weight(tensors: dict[str, Tensor], values: dict[str, Any]) -> None:
    tensors["progress.bias"][0] = math.nan


def _drop_moment(tensors: dict[str, Tensor], values: dict[str, Any]) -> None:
    del tensors["optimizer_0.1.exp_avg"]


def _shorten_generator(tensors: dict[str, Tensor], values: dict[str, Any]) -> None:
    tensors["generators.cpu"] = tensors["generators.cpu"][:100].clone()


def _spell_loss(tensors: dict[str, Tensor], values: dict[str, Any]) -> None:
    values["progress"]["epochs"][0]["valid_nats_per_token"] = "2.0"


def _drop_epochs(tensors: dict[str, Tensor], values: dict[str, Any]) -> None:
    values["progress"]["epochs"] = []


@pytest.mark.parametrize(
    "change", [_reshape, _break_weight, _drop_moment, _shorten_generator, _spell_loss, _drop_epochs]
)
def test_a_checkpoint_that_does_not_fit_is_set_aside_although_its_sum_is_right(
    tmp_path: Path, change: Callable[[dict[str, Tensor], dict[str, Any]], None]
) -> None:
    whole = model()
    expected = train(whole, Regression(whole), config())
    checkpoint, killed = Checkpoint(tmp_path / "run.checkpoint", seconds=0), model()
    with pytest.raises(KeyboardInterrupt):
        train(killed, Regression(killed, stop_in_epoch=2), config(), checkpoint=checkpoint)
    tensors, values = checkpoint.read()
    change(tensors, values)
    checkpoint.write(tensors, values)
    resumed = model()
    lines: list[str] = []
    assert train(resumed, Regression(resumed), config(), checkpoint=checkpoint, log=lines.append) == expected
    assert "is damaged" in lines[0] and "the training starts again" in lines[0]
    assert (tmp_path / "run.damaged").exists()


def test_a_checkpoint_belongs_to_its_parameters_and_data(tmp_path: Path) -> None:
    data = tmp_path / "train.npy"
    data.write_bytes(b"1")
    runtime = RuntimeConfig(seed=1, threads=1, device="cpu", numerics="portable")
    one = checkpoint_for("train_lm-lstm", runtime, config(), [data], scratch=tmp_path)
    assert one == checkpoint_for("train_lm-lstm", runtime, config(), [data], scratch=tmp_path)
    assert one != checkpoint_for("train_lm-lstm", runtime, config(epochs=5), [data], scratch=tmp_path)
    assert one != checkpoint_for("train_lm-lstm", replace(runtime, seed=2), config(), [data], scratch=tmp_path)
    data.write_bytes(b"2")
    assert one != checkpoint_for("train_lm-lstm", runtime, config(), [data], scratch=tmp_path)


def test_history_has_one_row_per_epoch(tmp_path: Path) -> None:
    write_history(tmp_path / "history.csv", [Epoch(10, 1.5, 1.25, 0.1, 2.0, 3.0, 0.75, 0.5)])
    assert (tmp_path / "history.csv").read_text().splitlines() == [
        "epoch,step,train_nats_per_token,valid_nats_per_token,learning_rate,"
        "gradient_norm_mean,gradient_norm_max,clipped_norm_mean,clipped_share",
        "1,10,1.5,1.25,0.1,2,3,0.75,0.5",
    ]
