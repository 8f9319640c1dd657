"""Averages of weights: which steps they include, and what they compute."""

import pytest
import torch
from torch import nn

from gradus.training.averaging import (
    Average,
    ExponentialAverage,
    RunningAverage,
    TailAverage,
    TriggeredAverage,
)

EMA = ExponentialAverage(kind="ema", decay=0.75)
TAIL = TailAverage(kind="tail", epochs=2)
TRIGGERED = TriggeredAverage(kind="triggered", interval=2)


def averaged(config: Average, values: list[float], epochs: list[int], valid_nats: list[float]) -> float:
    """Set a weight to each value after a step of the given epoch; return the average."""
    model = nn.Linear(1, 1, bias=False)
    average = RunningAverage(model, config, 4)
    for value, epoch in zip(values, epochs, strict=True):
        nn.init.constant_(model.weight, value)
        average.update(epoch, valid_nats[:epoch])
    with average.applied():
        found = model.weight.item()
    assert model.weight.item() == values[-1]
    return found


def test_an_exponential_average_by_hand() -> None:
    # rates 1, 1/2, 1/3, 1/4, 1/4: the mean of the first four, then 3/4 of it plus 1/4 of the fifth
    assert averaged(EMA, [1, 2, 3, 6, 7], [0] * 5, []) == pytest.approx(0.75 * 3 + 0.25 * 7)


def test_a_tail_average_is_the_mean_of_the_last_epochs() -> None:
    assert averaged(TAIL, [9, 9, 1, 2, 6], [0, 1, 2, 3, 3], [3, 2, 1]) == pytest.approx(3)
    assert averaged(TAIL, [9, 8], [0, 1], [3]) == 8  # not begun: the weights themselves


@pytest.mark.parametrize(
    ("valid_nats", "begins"),
    [
        ([5, 4, 3, 2, 1], None),
        ([5, 4, 4.5, 4.6], None),  # 4.6 is below 5, the lowest of all but the last two before it
        ([4, 5, 5, 4.6], 4),  # 4.6 is above 4
        ([4, 5, 5, 4.6, 1.0], 4),  # and the average goes on
        ([3, 4, 5, 2.9], None),
        ([3, 4, 5, 3.1], 4),
    ],
)
def test_the_trigger_is_a_loss_above_the_lowest_before_the_interval(
    valid_nats: list[float], begins: int | None
) -> None:
    found = [epoch for epoch in range(len(valid_nats) + 1) if TRIGGERED.includes(epoch, 99, valid_nats[:epoch])]
    assert found == ([] if begins is None else list(range(begins, len(valid_nats) + 1)))


def test_without_an_average_nothing_is_copied() -> None:
    model = nn.Linear(2, 2)
    average = RunningAverage(model, "none", 3)
    average.update(0, [])
    assert not average.mean
    before = model.weight.clone()
    with average.applied():
        assert torch.equal(model.weight, before)


def test_the_weights_come_back_after_an_error() -> None:
    model = nn.Linear(1, 1)
    average = RunningAverage(model, EMA, 3)
    average.update(0, [])
    nn.init.constant_(model.weight, 5.0)
    average.update(0, [])
    with pytest.raises(KeyboardInterrupt), average.applied():
        raise KeyboardInterrupt
    assert model.weight.item() == 5
