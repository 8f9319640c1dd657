"""Measure the first steps of a training: losses, gradient norms, and whether the training diverges."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass as plain_dataclass
from dataclasses import replace
from itertools import count
from typing import Annotated, Any, Literal

import numpy as np
import torch
from pydantic import Field
from pydantic.dataclasses import dataclass

from gradus.choices import NameOf
from gradus.interfaces.language_model import LanguageModel
from gradus.measurements.file import Measured
from gradus.measurements.fresh import fresh_network
from gradus.measurements.subject import Subject
from gradus.params import STRICT
from gradus.training.averaging import RunningAverage
from gradus.training.clipping import CLIPPINGS, Clipped
from gradus.training.lm import Chunk, LMTask, LMTrainingConfig, read_texts
from gradus.training.loop import MARGIN_NATS, training_step
from gradus.training.optim import OPTIMIZERS, build_optimizers
from gradus.training.run import Run

POINTS = 100
"""Largest number of points of each list in the result."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class TrainingMeasurementConfig:
    """Settings of the measurement `training`. Batches and chunks are those of the model's own training."""

    kind: Literal["training"]
    steps: Annotated[int, Field(ge=1, le=10**7)]
    """Number of optimizer steps. The learning rate is constant."""
    window: Annotated[int, Field(ge=1, le=10**7)]
    """Number of last steps whose mean loss decides whether the training has diverged; at most `steps`."""
    optimizer: Annotated[str, NameOf(OPTIMIZERS)]
    learning_rate: Annotated[float, Field(gt=0, le=1000)]
    weight_decay: Annotated[float, Field(ge=0, le=1000)]
    clip_by: Annotated[str, NameOf(CLIPPINGS)]
    clip: Annotated[float, Field(ge=0, le=10**9)]
    """Largest allowed norm of the gradient, or the largest allowed size of a component. 0 means no limit."""

    def __post_init__(self) -> None:
        if self.window > self.steps:
            raise ValueError("window: at most `steps`")

    def applied(self, training: LMTrainingConfig) -> LMTrainingConfig:
        """Return the training settings of a model, with the optimizer and the clipping of this measurement."""
        return replace(
            training,
            optimizer=self.optimizer,
            learning_rate=self.learning_rate,
            weight_decay=self.weight_decay,
            schedule="constant",
            warmup_steps=0,
            average="none",
            precision="float32",
            clip_by=self.clip_by,
            clip=self.clip,
        )


def measure_training(subject: Subject, config: TrainingMeasurementConfig) -> Measured:
    """Train a new network with the architecture of a model, and summarize its steps; see `summarize`.

    A divergence is a result and no error.

    Raises:
        InputError: if a text is empty, or the training does not fit into memory.
    """
    training = config.applied(subject.config.training)
    runtime, description = subject.runtime, subject.model.description
    model = fresh_network(
        description.network, description.vocabulary_size, seed=runtime.seed, device=torch.device(runtime.device)
    )
    task = LMTask(model, *read_texts(subject.tokens), training, seed=runtime.seed)
    return summarize(record_steps(model, task, training, config.steps), config.window, task.uniform_nats)


@plain_dataclass(frozen=True)
class StepRecord:
    """Figures of one optimizer step."""

    nats: float
    """Loss of the batch before the step, in nats per token."""
    gradient: Clipped
    """Norms of the gradient, before and after clipping."""

    @property
    def finite(self) -> bool:
        """Whether the loss and both norms are finite."""
        return all(map(math.isfinite, (self.nats, self.gradient.norm, self.gradient.clipped_norm)))


def record_steps(model: LanguageModel, task: LMTask, config: LMTrainingConfig, steps: int) -> list[StepRecord]:
    """Train a model, and record every step. The first step whose figures are not finite is the last.

    Args:
        model: the model of `task`, which is changed in place.
        task: a training text.
        config: settings of the optimizer and the clipping.
        steps: number of optimizer steps.
    """
    average = RunningAverage(model, config.average, config.epochs)
    run = Run(model.train(), build_optimizers(model, config), average)
    records: list[StepRecord] = []
    for batch in _batches(task, steps):
        nll_nats, n_tokens, gradient = training_step(run, task, batch, config.learning_rate, config)
        records.append(StepRecord(nll_nats / n_tokens, gradient))
        if not records[-1].finite:
            break
    model.eval()
    return records


def summarize(records: Sequence[StepRecord], window: int, uniform_nats: float) -> Measured:
    """Decide whether a training has diverged, and thin its records.

    A training has diverged if a loss or a gradient norm is not finite, or if the mean loss of the last `window` steps
    is more than `MARGIN_NATS` above the loss of a uniform guess.

    Args:
        records: one record per step, at least one.
        window: number of steps of a mean.
        uniform_nats: loss of a uniform guess, in nats per token.
    Returns:
        - `diverged`: 1 or 0.
        - `diverged_step`: number of the first step, counted from 1, whose figures are not finite. If there is none,
          the first step of a diverged training after which all means of `window` steps are above the limit. 0 if the
          training has not diverged.
        - `finite_steps`: number of steps whose figures are finite.
        - `last_nats`: mean loss of the last `window` finite steps, in nats per token; 0 if there is no finite step.
        - `nats_max`, `norm_before_max`, `norm_after_max`: maxima over the finite steps.
        - `norm_before_mean`, `norm_after_mean`: means over the finite steps.
        - `clipped_share`: share of the finite steps whose gradient was clipped.
        - `steps`, `nats`, `norms_before`, `norms_after`: at most `POINTS` evenly spaced finite steps, the first and the
          last included.
    """
    finite = [record for record in records if record.finite]
    nats = np.array([record.nats for record in finite])
    before = np.array([record.gradient.norm for record in finite])
    after = np.array([record.gradient.clipped_norm for record in finite])
    step = len(records) if len(finite) < len(records) else _rise(nats, window, uniform_nats + MARGIN_NATS)
    kept = np.linspace(0, len(finite) - 1, min(POINTS, len(finite))).round().astype(int).tolist()
    series: dict[str, Any] = {"nats": nats, "norms_before": before, "norms_after": after}
    return {
        "diverged": int(step > 0),
        "diverged_step": step,
        "finite_steps": len(finite),
        "last_nats": float(nats[-window:].mean()) if finite else 0.0,
        "nats_max": float(nats.max(initial=0.0)),
        "norm_before_max": float(before.max(initial=0.0)),
        "norm_after_max": float(after.max(initial=0.0)),
        "norm_before_mean": float(before.mean()) if finite else 0.0,
        "norm_after_mean": float(after.mean()) if finite else 0.0,
        "clipped_share": sum(record.gradient.clipped for record in finite) / max(len(finite), 1),
        "steps": [place + 1 for place in kept],
        **{key: [float(values[place]) for place in kept] for key, values in series.items()},
    }


def _batches(task: LMTask, steps: int) -> Iterator[Chunk]:
    """Yield the batches of as many epochs as `steps` need."""
    done = 0
    for epoch in count():
        for batch in task.batches(epoch):
            if done == steps:
                return
            done += 1
            yield batch


def _rise(nats: "np.ndarray[Any, np.dtype[np.float64]]", window: int, limit: float) -> int:
    """Return the first step from which all means of `window` steps exceed a limit; 0 if the last mean does not."""
    means = np.convolve(nats, np.full(window, 1 / window), mode="valid")  # the first mean ends at step `window`
    below = np.flatnonzero(means <= limit)
    first = int(below[-1]) + 1 if len(below) else 0  # index of the first mean of the final rise
    return first + window if first < len(means) else 0
