"""The parts of a training's state that a checkpoint keeps: each part names its tensors and values, and checks them."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from gradus.training.averaging import RunningAverage
from gradus.training.checkpoint import DamagedError
from gradus.training.optim import KINDS
from gradus.training.run import Epoch, EpochSums, Run


@dataclass(frozen=True)
class Saved:
    """Saved state of one part of a training."""

    tensors: Mapping[str, Tensor] = field(default_factory=dict)
    """Dict from names to tensors. Floating-point tensors are finite."""
    values: Mapping[str, Any] = field(default_factory=dict)
    """Dict from names to JSON values."""


class Part(Protocol):
    """One part of a training's state.

    A new kind of state, such as an average of the weights, is a new part. `Saver` saves and restores all parts.
    """

    def save(self) -> Saved:
        """Return the state. The tensors may share memory with the training."""
        ...

    def check(self, saved: Saved) -> None:
        """Refuse a state that `save` cannot have returned in a training with the same parameters.

        Raises:
            DamagedError: if a name is missing or unknown, or if a tensor or a value is impossible.
        """
        ...

    def restore(self, saved: Saved) -> None:
        """Copy a state that `check` has accepted into the training. Its tensors are on the CPU."""
        ...


@dataclass
class Weights:
    """The weights of the network."""

    model: nn.Module

    def save(self) -> Saved:
        """See `Part.save`."""
        return Saved(self.model.state_dict())

    def check(self, saved: Saved) -> None:
        """See `Part.check`."""
        require_alike(saved.tensors, self.model.state_dict())

    def restore(self, saved: Saved) -> None:
        """See `Part.restore`."""
        self.model.load_state_dict(saved.tensors)


@dataclass
class Moments:
    """The state of an optimizer. The name of a tensor begins with its parameter's index, as in `3.exp_avg`.

    The groups of parameters are not saved, because the parameters of the training determine them.
    """

    optimizer: torch.optim.Optimizer

    def save(self) -> Saved:
        """See `Part.save`."""
        state: Mapping[int, Mapping[str, Tensor]] = self.optimizer.state_dict()["state"]
        return Saved({f"{number}.{key}": value for number, own in state.items() for key, value in own.items()})

    def check(self, saved: Saved) -> None:
        """See `Part.check`."""
        kind = next(kind for kind in KINDS if type(self.optimizer) is kind.module)
        parameters = [parameter for group in self.optimizer.param_groups for parameter in group["params"]]
        wanted = {
            # torch keeps the number of steps of each parameter as a scalar tensor.
            f"{number}.{key}": torch.zeros(()) if key == "step" else parameter
            for number, parameter in enumerate(parameters)
            for key in (*kind.moments, *(("step",) if kind.steps else ()))
        }
        require_alike(saved.tensors, wanted)

    def restore(self, saved: Saved) -> None:
        """See `Part.restore`."""
        state: dict[int, dict[str, Tensor]] = {}
        for name, tensor in saved.tensors.items():
            number, _, key = name.partition(".")
            state.setdefault(int(number), {})[key] = tensor
        self.optimizer.load_state_dict({**self.optimizer.state_dict(), "state": state})


@dataclass
class AveragedWeights:
    """The average of the weights, and the number of steps that it includes."""

    average: RunningAverage

    def save(self) -> Saved:
        """See `Part.save`."""
        return Saved(self.average.mean, {"count": self.average.count})

    def check(self, saved: Saved) -> None:
        """See `Part.check`."""
        count = saved.values.get("count")
        if type(count) is not int or count < 0 or len(saved.values) != 1:
            raise DamagedError("the number of averaged steps is missing")
        if count and self.average.config == "none":
            raise DamagedError("there is an average that the training does not have")
        require_alike(saved.tensors, self.average.weights if count else {})

    def restore(self, saved: Saved) -> None:
        """See `Part.restore`."""
        self.average.count = saved.values["count"]
        self.average.mean = (
            {name: saved.tensors[name].to(weight) for name, weight in self.average.weights.items()}
            if (self.average.count)
            else {}
        )


@dataclass
class Generators:
    """The states of torch's random generators, on the CPU and on the GPU of the training."""

    device: torch.device

    def save(self) -> Saved:
        """See `Part.save`."""
        states = {"cpu": torch.get_rng_state()}
        if self.device.type == "cuda":
            states["cuda"] = torch.cuda.get_rng_state(self.device)
        return Saved(states)

    def check(self, saved: Saved) -> None:
        """See `Part.check`."""
        require_alike(saved.tensors, self.save().tensors)
        try:  # on a new generator, so that a damaged state does not change the global one
            torch.Generator().set_state(saved.tensors["cpu"])
        except RuntimeError:
            raise DamagedError("the state of the random generator is wrong") from None

    def restore(self, saved: Saved) -> None:
        """See `Part.restore`."""
        torch.set_rng_state(saved.tensors["cpu"])
        if "cuda" in saved.tensors:
            torch.cuda.set_rng_state(saved.tensors["cuda"], self.device)


@dataclass
class Progress:
    """The finished epochs, the sums of the current epoch, and the best weights."""

    run: Run
    steps_per_epoch: int

    def save(self) -> Saved:
        """See `Part.save`."""
        values = {"epochs": [asdict(epoch) for epoch in self.run.epochs], "sums": asdict(self.run.sums)}
        return Saved(self.run.best, values)

    def check(self, saved: Saved) -> None:
        """See `Part.check`."""
        epochs, sums = saved.values.get("epochs"), saved.values.get("sums")
        if not isinstance(epochs, list) or len(saved.values) != 2:
            raise DamagedError("the epochs are missing")
        for row in [*epochs, sums]:
            _require_numbers(row, EpochSums if row is sums else Epoch)
        if [epoch["step"] for epoch in epochs] != [(i + 1) * self.steps_per_epoch for i in range(len(epochs))]:
            raise DamagedError("an epoch has a wrong number of steps")
        current = EpochSums(**sums)  # type: ignore[arg-type]
        if not 0 <= current.clipped_steps <= current.steps <= min(current.tokens, self.steps_per_epoch):
            raise DamagedError("the current epoch has a wrong number of steps")
        require_alike(saved.tensors, self.run.model.state_dict() if epochs else {})

    def restore(self, saved: Saved) -> None:
        """See `Part.restore`."""
        self.run.epochs = [Epoch(**row) for row in saved.values["epochs"]]
        self.run.sums = EpochSums(**saved.values["sums"])
        self.run.best = dict(saved.tensors)


def _require_numbers(row: object, kind: type[Epoch] | type[EpochSums]) -> None:
    """Refuse values that are not the fields of a dataclass of numbers."""
    kinds = {column.name: column.type for column in fields(kind)}
    if not isinstance(row, dict) or {name: type(value) for name, value in row.items()} != kinds:
        raise DamagedError("an epoch has wrong fields")


def require_alike(found: Mapping[str, Tensor], wanted: Mapping[str, Tensor]) -> None:
    """Refuse tensors whose names, shapes or types differ from those of `wanted`, and tensors that are not finite.

    Raises:
        DamagedError: names the first wrong tensor.
    """
    for name in [*wanted, *found]:
        one, other = found.get(name), wanted.get(name)
        if one is None or other is None or (one.dtype, one.shape) != (other.dtype, other.shape):
            raise DamagedError(f"the tensor {name} has a wrong shape or type")
        if not is_finite(one):  # otherwise the loop would fail later, and blame the learning rate
            raise DamagedError(f"the tensor {name} is not finite")


def is_finite(tensor: Tensor) -> bool:
    """Say whether all components of a tensor are finite."""
    # A finite sum has finite terms, and is four times as fast. A sum of finite terms may overflow.
    return bool(torch.isfinite(tensor.sum())) or bool(torch.isfinite(tensor).all())
