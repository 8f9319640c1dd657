"""Checkpoints of a training that may be killed, in a scratch folder that DVC does not see.

DVC's own `persist` would let a run with other parameters go on from them. Here a checkpoint's name is the
fingerprint of everything that decides the result, so that another run never finds it.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

import gradus
from gradus.artifacts.places import new_file


@dataclass(frozen=True)
class Checkpoint:
    """One file that holds a training's state; it disappears when the training ends well."""

    path: Path

    def exists(self) -> bool:
        """Say whether a state is there."""
        return self.path.exists()

    def write(self, state: Mapping[str, Any]) -> None:
        """Replace the state, whole or not at all."""
        with new_file(self.path) as part:
            torch.save(dict(state), part)

    def read(self) -> dict[str, Any]:
        """Return the state, its tensors on the CPU; nothing but tensors and plain values is unpickled."""
        return torch.load(self.path, map_location="cpu", weights_only=True)  # type: ignore[no-any-return]

    def remove(self) -> None:
        """Forget the state."""
        self.path.unlink(missing_ok=True)


def checkpoint_for(stage: str, settings: Mapping[str, Any], data: Iterable[Path], *, scratch: Path) -> Checkpoint:
    """Return the checkpoint of a stage run, named by SHA-256 over settings, data files, code and torch.

    Args:
        stage: the stage's name with its item, such as `train_lm-lstm`.
        settings: every parameter that the run reads, as JSON values.
        data: files that it reads.
        scratch: folder of all checkpoints.
    """
    digest = hashlib.sha256(json.dumps([settings, torch.__version__], sort_keys=True).encode())
    code = Path(gradus.__file__).parent
    for path in [*sorted(data), *sorted(code.rglob("*.py"))]:
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return Checkpoint(scratch / f"{stage}-{digest.hexdigest()[:16]}.pt")
