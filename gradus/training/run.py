"""State of a training. `gradus.training.saving` saves and restores it."""

from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from gradus.training.averaging import RunningAverage
from gradus.training.clipping import Clipped


@dataclass(frozen=True)
class Epoch:
    """Figures of one epoch. They become one row of `history.csv`."""

    step: int
    """Number of optimizer steps since the start of the training."""
    train_nats_per_token: float
    """Mean training loss in nats per token, with dropout, label smoothing and penalties."""
    valid_nats_per_token: float
    """Validation loss."""
    learning_rate: float
    """Learning rate of the last step of the epoch."""
    gradient_norm_mean: float
    """Mean global norm of the gradient before clipping."""
    gradient_norm_max: float
    """Largest global norm of the gradient before clipping."""
    clipped_norm_mean: float
    """Mean global norm of the gradient after clipping."""
    clipped_share: float
    """Share of steps whose gradient was clipped."""


@dataclass
class EpochSums:
    """Sums over the finished steps of the current epoch."""

    steps: int = 0
    """Number of steps."""
    nats: float = 0.0
    """Training loss in nats."""
    tokens: int = 0
    """Number of tokens."""
    learning_rate: float = 0.0
    """Learning rate of the last step."""
    norms: float = 0.0
    """Sum of the global norms of the gradients before clipping."""
    norm_max: float = 0.0
    """Largest of these norms."""
    clipped_norms: float = 0.0
    """Sum of the global norms of the gradients after clipping."""
    clipped_steps: int = 0
    """Number of steps whose gradient was clipped."""

    def add(self, nats: float, tokens: int, gradient: Clipped, learning_rate: float) -> None:
        """Add a step: its loss in nats, its number of tokens, the norms of its gradient and its learning rate."""
        self.steps += 1
        self.nats += nats
        self.tokens += tokens
        self.learning_rate = learning_rate
        self.norms += gradient.norm
        self.norm_max = max(self.norm_max, gradient.norm)
        self.clipped_norms += gradient.clipped_norm
        self.clipped_steps += gradient.clipped

    def epoch(self, step: int, valid_nats_per_token: float) -> Epoch:
        """Return the figures of the epoch, after optimizer step `step` of the training; `steps` must not be 0."""
        return Epoch(
            step=step,
            train_nats_per_token=self.nats / self.tokens,
            valid_nats_per_token=valid_nats_per_token,
            learning_rate=self.learning_rate,
            gradient_norm_mean=self.norms / self.steps,
            gradient_norm_max=self.norm_max,
            clipped_norm_mean=self.clipped_norms / self.steps,
            clipped_share=self.clipped_steps / self.steps,
        )


@dataclass
class Run:
    """State of a training. Together with the random generators and the task, it determines all later steps."""

    model: nn.Module
    optimizers: list[torch.optim.Optimizer]
    average: RunningAverage
    epochs: list[Epoch] = field(default_factory=list)
    """Finished epochs."""
    sums: EpochSums = field(default_factory=EpochSums)
    """Sums of the current epoch."""
    best: dict[str, Tensor] = field(default_factory=dict)
    """Weights after the epoch with the lowest validation loss."""

    @property
    def step(self) -> int:
        """Number of optimizer steps since the start of the training."""
        return (self.epochs[-1].step if self.epochs else 0) + self.sums.steps

    @property
    def valid_nats(self) -> list[float]:
        """Validation loss of every finished epoch, in nats per token."""
        return [epoch.valid_nats_per_token for epoch in self.epochs]

    @property
    def best_epoch(self) -> int:
        """Index of the epoch with the lowest validation loss. If several epochs have it, the first one counts."""
        return min(range(len(self.epochs)), key=self.valid_nats.__getitem__)
