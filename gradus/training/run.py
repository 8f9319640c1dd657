"""State of a training between two epochs. A checkpoint saves and restores this state."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

import torch
from torch import Tensor, nn

from gradus.training.checkpoint import Checkpoint, DamagedError
from gradus.training.optim import OPTIMIZERS


@dataclass(frozen=True)
class Epoch:
    """Figures of one epoch. They become one row of `history.csv`."""

    step: int
    """Number of optimizer steps since the start of the training."""
    train_nats_per_token: float
    """Mean training loss in nats per token, with dropout and label smoothing."""
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
class Run:
    """State of a training. Together with the random generators, it determines all later epochs."""

    model: nn.Module
    optimizer: torch.optim.Optimizer
    epochs: list[Epoch] = field(default_factory=list)
    """Finished epochs."""
    best: dict[str, Tensor] = field(default_factory=dict)
    """Weights after the epoch with the lowest validation loss."""

    @property
    def valid_nats(self) -> list[float]:
        """Validation loss of every finished epoch, in nats per token."""
        return [epoch.valid_nats_per_token for epoch in self.epochs]

    @property
    def best_epoch(self) -> int:
        """Index of the epoch with the lowest validation loss. If several epochs have it, the first one counts."""
        return min(range(len(self.epochs)), key=self.valid_nats.__getitem__)


def save(run: Run, checkpoint: Checkpoint) -> None:
    """Write a run and the state of the random generators to a checkpoint. This happens between two epochs."""
    # The CPU's generator comes first, then those of all GPUs; `_restore` expects this order.
    generators = [torch.get_rng_state(), *(torch.cuda.get_rng_state_all() if torch.cuda.is_available() else [])]
    tensors = {
        **{f"model.{name}": tensor for name, tensor in run.model.state_dict().items()},
        **{f"best.{name}": tensor for name, tensor in run.best.items()},
        **{f"optimizer.{name}": tensor for name, tensor in _flat(run.optimizer.state_dict()["state"]).items()},
        **{f"generator.{number}": state for number, state in enumerate(generators)},
    }
    checkpoint.write(tensors, {"epochs": [asdict(epoch) for epoch in run.epochs]})


def resume(run: Run, checkpoint: Checkpoint, log: Callable[[str], None]) -> None:
    """Continue from the checkpoint, if there is one: copy the saved state into a run that has no epochs yet.

    A checkpoint that is damaged or belongs to another training is renamed. The run then starts at the first epoch.
    """
    if not checkpoint.exists():
        return
    try:
        _restore(run, *checkpoint.read())
    except DamagedError as error:
        log(
            f"{checkpoint.path} is damaged ({error}) and was renamed to {checkpoint.set_aside()}; "
            "the training starts again"
        )
        return
    log(f"resumed after epoch {len(run.epochs)}")


def _restore(run: Run, tensors: Mapping[str, Tensor], values: Mapping[str, Any]) -> None:
    """Copy the content of a checkpoint into a run. The whole content is checked first, so no run is half restored.

    A correct SHA-256 does not prove that the content is right: whoever writes the file can also write the SHA-256.
    """
    epochs = _epochs(values)
    model, best, moments = (_part(tensors, prefix) for prefix in ("model.", "best.", "optimizer."))
    generators = list(_part(tensors, "generator.").values())
    for found, wanted in ((model, run.model.state_dict()), (best, run.model.state_dict()), (moments, _moments(run))):
        _require_alike(found, wanted)
    try:  # on a new generator, so that a damaged state does not change the global one
        torch.Generator().set_state(generators[0])
    except (IndexError, RuntimeError, TypeError):
        raise DamagedError("the state of the random generator is missing") from None
    run.epochs, run.best = epochs, best
    run.model.load_state_dict(model)
    # The parameter groups are those of the new optimizer, because the checkpoint does not contain them.
    run.optimizer.load_state_dict({**run.optimizer.state_dict(), "state": _nested(moments)})
    torch.set_rng_state(generators[0])
    if torch.cuda.is_available():
        torch.cuda.set_rng_state_all(generators[1:])


def _epochs(values: Mapping[str, Any]) -> list[Epoch]:
    """Check the epochs of a checkpoint, and return them."""
    names = [column.name for column in fields(Epoch)]
    rows = values.get("epochs")
    if not isinstance(rows, list) or not rows:
        raise DamagedError("the epochs are missing")
    for row in rows:
        kinds = [type(row.get(name)) for name in names] if isinstance(row, dict) and set(row) == set(names) else []
        if kinds != [int, *[float] * (len(names) - 1)]:
            raise DamagedError("an epoch has wrong fields")
    return [Epoch(**row) for row in rows]


def _moments(run: Run) -> dict[str, Tensor]:
    """Return placeholders for the tensors of the optimizer's state, with the right names, shapes and types."""
    moments = next(kind.moments for kind in OPTIMIZERS.values() if isinstance(run.optimizer, kind.module))
    parameters = [parameter for group in run.optimizer.param_groups for parameter in group["params"]]
    return {
        # torch keeps the number of steps of each parameter as a scalar tensor.
        f"{number}.{key}": torch.zeros(()) if key == "step" else parameter
        for number, parameter in enumerate(parameters)
        for key in (("step", *moments) if moments else ())
    }


def _require_alike(found: Mapping[str, Tensor], wanted: Mapping[str, Tensor]) -> None:
    for name in [*wanted, *found]:
        one, other = found.get(name), wanted.get(name)
        if one is None or other is None or (one.dtype, one.shape) != (other.dtype, other.shape):
            raise DamagedError(f"the tensor {name} has a wrong shape or type")
        if not torch.isfinite(one).all():  # otherwise the loop would fail later, and blame the learning rate
            raise DamagedError(f"the tensor {name} is not finite")


def _flat(state: Mapping[int, Mapping[str, Any]]) -> dict[str, Tensor]:
    """Return the tensors of an optimizer's state. Their names begin with the parameter's index, as in `3.exp_avg`."""
    return {f"{number}.{key}": value for number, own in state.items() for key, value in own.items()}


def _nested(tensors: Mapping[str, Tensor]) -> dict[int, dict[str, Tensor]]:
    """Undo `_flat`."""
    state: dict[int, dict[str, Tensor]] = {}
    for name, tensor in tensors.items():
        number, _, key = name.partition(".")
        state.setdefault(int(number), {})[key] = tensor
    return state


def _part(tensors: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)}
