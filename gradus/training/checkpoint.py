"""Checkpoints of a training that may be killed, in a scratch folder that DVC does not see.

DVC's own `persist` would let a run with other parameters go on from them. Here a checkpoint's name is the
fingerprint of everything that decides the result, so that another run never finds it.
"""

import hashlib
import json
import os
import re
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

import gradus
from gradus.artifacts.inputs import parse_json, require_regular
from gradus.artifacts.places import begins_with, new_file
from gradus.artifacts.temporary import clear_leftovers
from gradus.errors import InputError
from gradus.weights import pack, unpack

MARK = b"gradus checkpoint 1 "
"""How a checkpoint begins; the SHA-256 of the rest follows, and a newline."""

KEPT_DAYS = 14
"""Days for which a checkpoint is kept that no training has touched, whole or damaged."""

_VALUES = "values"  # name of the tensor that holds JSON
_NAME = re.compile(r"train_\w+-\w+-[0-9a-f]{16}\.(checkpoint|damaged)")
_HEADER = re.compile(re.escape(MARK) + rb"([0-9a-f]{64})\n")


class DamagedError(ValueError):
    """A checkpoint that is not as it was written."""


@dataclass(frozen=True)
class Checkpoint:
    """One file that holds a training's state; it disappears when the training ends well."""

    path: Path

    def exists(self) -> bool:
        """Say whether a state is there, or anything else in its place."""
        return os.path.lexists(self.path)

    def write(self, tensors: Mapping[str, Tensor], values: Mapping[str, Any]) -> None:
        """Replace the state, whole or not at all; `values` are JSON's."""
        text = json.dumps(values).encode()
        content = pack({**tensors, _VALUES: torch.frombuffer(bytearray(text), dtype=torch.uint8)})
        with new_file(self.path, begins_with(MARK)) as part, part.open("wb") as file:
            file.write(MARK + hashlib.sha256(content).hexdigest().encode() + b"\n")
            file.write(content)

    def read(self) -> tuple[dict[str, Tensor], dict[str, Any]]:
        """Return the state: tensors on the CPU, and the other values.

        Raises:
            DamagedError: if the file is not as it was written.
        """
        try:
            require_regular(self.path, "a checkpoint", "none")
            content = self.path.read_bytes()
        except (InputError, OSError):
            raise DamagedError("it is no file that can be read") from None
        header = _HEADER.match(content)
        if not header:
            raise DamagedError("it is no checkpoint of this version")
        if hashlib.sha256(content[header.end() :]).hexdigest().encode() != header[1]:
            raise DamagedError("its SHA-256 is not that of its content")
        try:
            tensors = unpack(content[header.end() :])
            values = parse_json(tensors.pop(_VALUES).numpy().tobytes())
        except (KeyError, ValueError, TypeError) as error:
            raise DamagedError(str(error)) from None
        if not isinstance(values, dict):
            raise DamagedError("its values have no names")
        return tensors, values

    def set_aside(self) -> Path:
        """Rename a damaged checkpoint, so that the training begins anew; return where it is.

        Raises:
            InputError: if a folder stands at either place.
        """
        aside = self.path.with_suffix(".damaged")
        try:
            os.replace(self.path, aside)
        except (IsADirectoryError, NotADirectoryError):
            found = f"a folder there or at {aside}"
            raise InputError(self.path, expected="a checkpoint", found=found, remedy="remove it") from None
        return aside

    def remove(self) -> None:
        """Forget the state."""
        self.path.unlink(missing_ok=True)


def checkpoint_for(stage: str, settings: Mapping[str, Any], data: Iterable[Path], *, scratch: Path) -> Checkpoint:
    """Return the checkpoint of a stage run, named by SHA-256 over settings, data files, code and torch.

    Checkpoints that no training has touched for `KEPT_DAYS` are removed first.

    Args:
        stage: the stage's name with its item, such as `train_lm-lstm`.
        settings: every parameter that the run reads, as JSON values.
        data: files that it reads.
        scratch: folder of all checkpoints.
    """
    _remove_abandoned(scratch)
    digest = hashlib.sha256(json.dumps([settings, torch.__version__], sort_keys=True).encode())
    code = Path(gradus.__file__).parent
    for path in [*sorted(data), *sorted(code.rglob("*.py"))]:
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return Checkpoint(scratch / f"{stage}-{digest.hexdigest()[:16]}.checkpoint")


def _remove_abandoned(scratch: Path) -> None:
    clear_leftovers(scratch, "train_*")
    oldest = time.time() - KEPT_DAYS * 24 * 3600
    for path in scratch.glob("train_*"):
        if _NAME.fullmatch(path.name) and path.is_file() and path.stat().st_mtime < oldest:
            path.unlink(missing_ok=True)
