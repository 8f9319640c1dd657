"""A training under way: its state, kept in a checkpoint and restored from it."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

import torch
from torch import Tensor, nn

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

    One that is damaged, or not of this training, is named and set aside, and the run begins anew.
    """
    if not checkpoint.exists():
        return
    try:
        _restore(run, *checkpoint.read())
    except DamagedError as error:
        log(f"{checkpoint.path} is damaged ({error}): kept as {checkpoint.set_aside()}, and training begins anew")
        return
    log(f"resumed after epoch {len(run.epochs)}")


def _restore(run: Run, tensors: Mapping[str, Tensor], values: Mapping[str, Any]) -> None:
    """Check everything before anything is changed, so that no run is half restored; a stranger can write sums."""
    epochs = _epochs(values)
    model, best, moments = (_part(tensors, prefix) for prefix in ("model.", "best.", "optimizer."))
    generators = list(_part(tensors, "generator.").values())
    for found, wanted in ((model, run.model.state_dict()), (best, run.model.state_dict()), (moments, _moments(run))):
        _require_alike(found, wanted)
    try:
        torch.Generator().set_state(generators[0])
    except (IndexError, RuntimeError, TypeError):
        raise DamagedError("it holds no state of the random generator") from None
    run.epochs, run.best = epochs, best
    run.model.load_state_dict(model)
    run.optimizer.load_state_dict({**run.optimizer.state_dict(), "state": _nested(moments)})
    torch.set_rng_state(generators[0])
    if torch.cuda.is_available():
        torch.cuda.set_rng_state_all(generators[1:])


def _epochs(values: Mapping[str, Any]) -> list[Epoch]:
    """Return the epochs of a checkpoint, whose JSON may be anything."""
    names = [column.name for column in fields(Epoch)]
    rows = values.get("epochs")
    if not isinstance(rows, list) or not rows:
        raise DamagedError("it holds no epochs")
    for row in rows:
        kinds = [type(row.get(name)) for name in names] if isinstance(row, dict) and set(row) == set(names) else []
        if kinds != [int, *[float] * (len(names) - 1)]:
            raise DamagedError("an epoch of it is none")
    return [Epoch(**row) for row in rows]


def _moments(run: Run) -> dict[str, Tensor]:
    """Return tensors like those of the optimizer's state after a step; SGD without momentum has none."""
    if not isinstance(run.optimizer, torch.optim.AdamW):
        return {}
    parameters = [parameter for group in run.optimizer.param_groups for parameter in group["params"]]
    return {
        f"{number}.{key}": torch.zeros(()) if key == "step" else parameter
        for number, parameter in enumerate(parameters)
        for key in ("step", "exp_avg", "exp_avg_sq")
    }


def _require_alike(found: Mapping[str, Tensor], wanted: Mapping[str, Tensor]) -> None:
    for name in [*wanted, *found]:
        one, other = found.get(name), wanted.get(name)
        if one is None or other is None or (one.dtype, one.shape) != (other.dtype, other.shape):
            raise DamagedError(f"{name} is not that of this training")
        if not torch.isfinite(one).all():
            raise DamagedError(f"{name} is not finite")


def _flat(state: Mapping[int, Mapping[str, Any]]) -> dict[str, Tensor]:
    """Return the tensors of an optimizer's state as `NUMBER.KEY`; AdamW and SGD without momentum have no others."""
    return {f"{number}.{key}": value for number, about in state.items() for key, value in about.items()}


def _nested(tensors: Mapping[str, Tensor]) -> dict[int, dict[str, Tensor]]:
    """Return what `_flat` was made of."""
    state: dict[int, dict[str, Tensor]] = {}
    for name, tensor in tensors.items():
        number, _, key = name.partition(".")
        state.setdefault(int(number), {})[key] = tensor
    return state


def _part(tensors: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)}
