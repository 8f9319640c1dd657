"""A training under way: its state, kept in a checkpoint and restored from it."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

from gradus.errors import InputError
from gradus.training.checkpoint import Checkpoint, DamagedError


@dataclass(frozen=True)
class Epoch:
    """What one epoch did; the rows of `history.csv`."""

    step: int
    """Optimizer steps since the start of training."""
    train_nats_per_token: float
    valid_nats_per_token: float
    learning_rate: float
    """Of the epoch's last step."""
    gradient_norm_mean: float
    """Global norm before clipping, mean over the epoch's steps."""
    gradient_norm_max: float
    clipped_share: float
    """Share of steps whose gradient was longer than `clip_norm`."""


@dataclass
class Run:
    """A training under way: all that a resumed run needs to go on as if it had not been stopped."""

    model: nn.Module
    optimizer: torch.optim.Optimizer
    epochs: list[Epoch] = field(default_factory=list)
    best: dict[str, Tensor] = field(default_factory=dict)

    @property
    def valid_nats(self) -> list[float]:
        """Validation loss after every epoch, nats per token."""
        return [epoch.valid_nats_per_token for epoch in self.epochs]

    @property
    def best_epoch(self) -> int:
        """Index of the epoch with the lowest validation loss, the first of equals."""
        return min(range(len(self.epochs)), key=self.valid_nats.__getitem__)


def save(run: Run, checkpoint: Checkpoint) -> None:
    """Keep a run as it is between two epochs, the random generators included."""
    generators = [torch.get_rng_state(), *(torch.cuda.get_rng_state_all() if torch.cuda.is_available() else [])]
    tensors = {
        **{f"model.{name}": tensor for name, tensor in run.model.state_dict().items()},
        **{f"best.{name}": tensor for name, tensor in run.best.items()},
        **{f"optimizer.{name}": tensor for name, tensor in _flat(run.optimizer.state_dict()["state"]).items()},
        **{f"generator.{number}": state for number, state in enumerate(generators)},
    }
    checkpoint.write(tensors, {"epochs": [asdict(epoch) for epoch in run.epochs]})


def resume(run: Run, checkpoint: Checkpoint, log: Callable[[str], None]) -> None:
    """Bring a fresh run back to where `save` left it, if there is a checkpoint.

    One that is damaged is named and set aside, and the run begins anew.

    Raises:
        InputError: if the content does not fit the run although its sum is right; it is set aside as well.
    """
    if not checkpoint.exists():
        return
    try:
        tensors, values = checkpoint.read()
    except DamagedError as error:
        log(f"{checkpoint.path} is damaged ({error}): kept as {checkpoint.set_aside()}, and training begins anew")
        return
    try:
        _restore(run, tensors, values)
    except (KeyError, TypeError, ValueError, RuntimeError, IndexError) as error:
        aside = checkpoint.set_aside()  # the run may be half restored: it cannot go on
        found = f"{type(error).__name__}: {error}"
        raise InputError(
            checkpoint.path, expected="the state of this training", found=found, remedy=f"run again; it is now {aside}"
        ) from None
    log(f"resumed after epoch {len(run.epochs)}")


def _restore(run: Run, tensors: Mapping[str, Tensor], values: Mapping[str, Any]) -> None:
    run.epochs = [Epoch(**epoch) for epoch in values["epochs"]]
    run.model.load_state_dict(_part(tensors, "model."))
    run.best = _part(tensors, "best.")
    state = run.optimizer.state_dict()
    for name, tensor in _part(tensors, "optimizer.").items():
        number, _, key = name.partition(".")
        state["state"].setdefault(int(number), {})[key] = tensor
    run.optimizer.load_state_dict(state)
    generators = list(_part(tensors, "generator.").values())
    torch.set_rng_state(generators[0])
    if torch.cuda.is_available():
        torch.cuda.set_rng_state_all(generators[1:])


def _flat(state: Mapping[int, Mapping[str, Any]]) -> dict[str, Tensor]:
    """Return the tensors of an optimizer's state as `NUMBER.KEY`; AdamW and SGD without momentum have no others."""
    return {f"{number}.{key}": value for number, about in state.items() for key, value in about.items()}


def _part(tensors: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)}
