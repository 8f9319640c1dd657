"""Save the state of a training by time, and restore it."""

import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from torch import Tensor

from gradus.artifacts.inputs import require_regular
from gradus.artifacts.places import begins_with, new_file
from gradus.errors import InputError, RunError
from gradus.training.checkpoint import Checkpoint, DamagedError
from gradus.training.data_parallel import first_alone, first_says, rank
from gradus.training.history import HEADER, write_history
from gradus.training.parts import AveragedWeights, Generators, Moments, Part, Progress, Saved, Weights, is_finite
from gradus.training.run import Run

PAUSE = 50
"""The time between two saves is at least this number times the time that a save takes, so a training is at most 2%
slower on a slow disk."""

IS_HISTORY = begins_with(HEADER.encode())
"""Function that tells whether a file is the history of a training."""


class Saver:
    """Saves the state of a run to its checkpoint when it is time, and the finished epochs to the history beside it.

    State that is infinite or NaN is never saved: a training that fails keeps its last good state.
    """

    def __init__(self, run: Run, task_parts: Mapping[str, Part], steps_per_epoch: int, checkpoint: Checkpoint | None):
        """List the parts of the state.

        Args:
            run: the training.
            task_parts: dict from names to the parts of the state that belong to the task.
            steps_per_epoch: number of batches of an epoch.
            checkpoint: file of the state; None if nothing is saved.
        """
        self.run, self.checkpoint = run, checkpoint
        self.parts: Mapping[str, Part] = {
            "model": Weights(run.model),
            **{f"optimizer_{number}": Moments(optimizer) for number, optimizer in enumerate(run.optimizers)},
            "average": AveragedWeights(run.average),
            "generators": Generators(next(run.model.parameters()).device),
            "progress": Progress(run, steps_per_epoch),
            **task_parts,
        }
        self.saved_step: int | None = None
        """Number of steps before the state in the checkpoint; None if there is no checkpoint."""
        self.due = self._now() + (checkpoint.seconds if checkpoint else 0.0)

    def restore(self, log: Callable[[str], None]) -> None:
        """Continue from the checkpoint, if there is one: copy the saved state into the run.

        A checkpoint that is damaged or belongs to another training is renamed. The run then starts at its first step.

        Raises:
            InputError: if the history would replace something that is no history.
        """
        if self.checkpoint is None:
            return
        with first_alone():  # it may rename a damaged file
            self._restore(self.checkpoint, log)

    def _restore(self, checkpoint: Checkpoint, log: Callable[[str], None]) -> None:
        _require_history_or_nothing(checkpoint.history)
        if not checkpoint.exists():
            return
        try:
            saved = _split(*checkpoint.read(), self.parts)
            # All parts are checked first, so no run is half restored. A correct SHA-256 does not prove that the content
            # is right: whoever writes the file can also write the SHA-256.
            for name, part in self.parts.items():
                part.check(saved[name])
        except DamagedError as error:
            path, aside = checkpoint.path, checkpoint.set_aside()
            log(f"{path} is damaged ({error}) and was renamed to {aside}; the training starts again")
            return
        for name, part in self.parts.items():
            part.restore(saved[name])
        self.saved_step = self.run.step
        log(f"resumed after step {self.run.step} (finished epochs: {len(self.run.epochs)})")

    def save_when_due(self) -> None:
        """Save the state if the last save was long enough ago."""
        if self.checkpoint is not None and first_says(self._now() >= self.due):
            self.save()

    def save(self) -> None:
        """Save the state, unless a tensor is not finite: the training then fails, or does not need this tensor."""
        if self.checkpoint is None:
            return
        begin = self._now()
        saved = {name: part.save() for name, part in self.parts.items()}
        tensors = {f"{name}.{key}": tensor for name, part in saved.items() for key, tensor in part.tensors.items()}
        if all(map(is_finite, tensors.values())):
            if not rank():
                self.checkpoint.write(tensors, {name: dict(part.values) for name, part in saved.items()})
            self.saved_step = self.run.step
        end = self._now()
        self.due = end + max(self.checkpoint.seconds, PAUSE * (end - begin)) if self.checkpoint.seconds else end

    def write_history(self) -> None:
        """Write the finished epochs, so that their curves can be watched while the training runs."""
        if self.checkpoint is not None and not rank():
            with new_file(self.checkpoint.history, IS_HISTORY) as part:
                write_history(part, self.run.epochs)

    def explained(self, error: RunError) -> RunError:
        """Add to the error of a failed training where its last good state is."""
        if self.checkpoint is None or self.saved_step is None:
            return error
        return RunError(
            f"{str(error).removesuffix('.')}. The state after step {self.saved_step} is in {self.checkpoint.path}: a "
            f"run with the same parameters continues there, and a run with other parameters starts anew"
        )

    @staticmethod
    def _now() -> float:
        return time.monotonic()


def _require_history_or_nothing(path: Path) -> None:
    """Refuse a path before the first step, although it is written only after an epoch."""
    if not os.path.lexists(path):
        return
    expected, remedy = "the history of a training, or nothing", "remove it"
    require_regular(path, expected, remedy)
    if path.is_symlink() or not IS_HISTORY(path):
        raise InputError(path, expected=expected, found="another file", remedy=remedy)


def _split(tensors: Mapping[str, Tensor], values: Mapping[str, Any], names: Mapping[str, Part]) -> dict[str, Saved]:
    """Sort the content of a checkpoint by parts.

    Raises:
        DamagedError: if a part is missing or unknown.
    """
    own: dict[str, dict[str, Tensor]] = {name: {} for name in names}
    for full, tensor in tensors.items():
        name, _, key = full.partition(".")
        if name not in own:
            raise DamagedError(f"the tensor {full} is unknown")
        own[name][key] = tensor
    if values.keys() != own.keys() or not all(isinstance(part, dict) for part in values.values()):
        raise DamagedError("the values of a part are missing")
    return {name: Saved(own[name], values[name]) for name in names}
