"""Checkpoints, from which a killed training continues. They are in a scratch folder that DVC does not track.

If DVC kept the checkpoints (its option `persist`), a run with changed parameters would continue from the old weights.
Here the name of a checkpoint is a hash of everything that decides the result, so only an identical run finds it.
"""

import hashlib
import json
import os
import re
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

import gradus
from gradus.artifacts.inputs import parse_json, require_regular
from gradus.artifacts.places import begins_with, new_file
from gradus.artifacts.temporary import clear_leftovers
from gradus.errors import InputError
from gradus.runtime import RuntimeConfig
from gradus.training.data_parallel import rank
from gradus.weights import unpack

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

MARK = b"gradus checkpoint 2 "
"""First bytes of a checkpoint. After them come the SHA-256 of the content, a newline, and the content."""

KEPT_DAYS = 14
"""A checkpoint that was not used for this number of days is removed."""

SAVE_SECONDS = 60.0
"""Time between two saves. It does not change the result of a training, so it is no parameter."""

DTYPES = {
    torch.float32: "F32",
    torch.float64: "F64",
    torch.bfloat16: "BF16",
    torch.float16: "F16",
    torch.int64: "I64",
    torch.int32: "I32",
    torch.uint8: "U8",
    torch.bool: "BOOL",
}
"""Dict from the types of a checkpoint's tensors to their names in safetensors."""

_VALUES = "values"
"""Name of the tensor that holds the checkpoint's JSON values as text."""
_NAME = re.compile(r"train_\w+-\w+-[0-9a-f]{16}\.(checkpoint|damaged|history\.csv)")
_HEADER = re.compile(re.escape(MARK) + rb"([0-9a-f]{64})\n")


class DamagedError(ValueError):
    """A checkpoint is damaged, or belongs to another training."""


@dataclass(frozen=True)
class Checkpoint:
    """File with the state of a training. It is removed when the training succeeds."""

    path: Path
    """The file."""
    seconds: float = SAVE_SECONDS
    """Time between two saves; see `gradus.training.saving`."""

    @property
    def history(self) -> Path:
        """The file beside the checkpoint with the finished epochs of the running training; see `write_history`."""
        return self.path.with_suffix(".history.csv")

    def exists(self) -> bool:
        """Return whether the path exists, as a file or as anything else."""
        return os.path.lexists(self.path)

    def write(self, tensors: Mapping[str, Tensor], values: Mapping[str, Any]) -> None:
        """Write the tensors and the values to the file, in one atomic step. The values must be JSON values."""
        text = json.dumps(values).encode()
        # This is a bytearray, because torch warns of read-only memory such as bytes.
        content = _packed({**tensors, _VALUES: torch.frombuffer(bytearray(text), dtype=torch.uint8)})
        digest = hashlib.sha256()
        with new_file(self.path, begins_with(MARK)) as part, part.open("wb") as file:
            file.write(MARK + b"0" * 64 + b"\n")
            for piece in content:
                digest.update(piece)
                file.write(piece)
            file.seek(len(MARK))
            file.write(digest.hexdigest().encode())

    def read(self) -> tuple[dict[str, Tensor], dict[str, Any]]:
        """Read the tensors and the values that `write` wrote. The tensors are on the CPU.

        Raises:
            DamagedError: if the file cannot be read, or if its content is not from `write`.
        """
        try:
            require_regular(self.path, "a checkpoint", "none")
            content = self.path.read_bytes()
        except (InputError, OSError):
            raise DamagedError("the file cannot be read") from None
        header = _HEADER.match(content)
        if not header:
            raise DamagedError("the first bytes are not those of a checkpoint of this version")
        # safetensors has no checksum: a changed weight would go unnoticed.
        if hashlib.sha256(content[header.end() :]).hexdigest().encode() != header[1]:
            raise DamagedError("the SHA-256 of the content is wrong")
        try:
            tensors = unpack(content[header.end() :])
            values = parse_json(tensors.pop(_VALUES).numpy().tobytes())
        except (KeyError, ValueError, TypeError) as error:
            raise DamagedError(str(error)) from None
        if not isinstance(values, dict):
            raise DamagedError("the values are not a JSON object")
        return tensors, values

    def set_aside(self) -> Path:
        """Rename a damaged checkpoint, so that the training starts again; return the new path.

        Raises:
            InputError: if there is a folder at the old path or at the new path.
        """
        aside = self.path.with_suffix(".damaged")
        try:
            os.replace(self.path, aside)
        except (IsADirectoryError, NotADirectoryError):
            found = f"a folder at this path or at {aside}"
            raise InputError(self.path, expected="a checkpoint", found=found, remedy="remove the folder") from None
        return aside

    def remove(self) -> None:
        """Remove the file and its history, if they exist. Of several processes, the first removes them.

        The others may be ready before the first has written the network.
        """
        if rank():
            return
        self.path.unlink(missing_ok=True)
        self.history.unlink(missing_ok=True)


def _packed(tensors: Mapping[str, Tensor]) -> Iterator[bytes | memoryview]:
    """Yield a safetensors file in pieces. Unlike `gradus.weights.pack`, this copies no tensor that is on the CPU.

    The training waits for this, and a checkpoint is several times as large as the weights.
    """
    header, end = {}, 0
    for name, tensor in tensors.items():
        begin, end = end, end + tensor.nbytes
        header[name] = {"dtype": DTYPES[tensor.dtype], "shape": list(tensor.shape), "data_offsets": [begin, end]}
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)  # safetensors pads its header to a multiple of 8 bytes
    yield len(text).to_bytes(8, "little") + text
    for tensor in tensors.values():
        yield tensor.detach().cpu().contiguous().flatten().view(torch.uint8).numpy().data


def checkpoint_for(
    stage: str,
    runtime: RuntimeConfig,
    config: "DataclassInstance",
    data: Iterable[Path],
    *,
    scratch: Path,
    seconds: float = SAVE_SECONDS,
) -> Checkpoint:
    """Return the checkpoint whose name holds the SHA-256 of the settings, the data files, the code and torch's version.

    Checkpoints that were not used for `KEPT_DAYS` are removed first.

    Args:
        stage: name of the stage and of the network, such as `train_lm-lstm`.
        runtime: seed, threads, device and kernels.
        config: the network's entry in params.yaml.
        data: all data files that the training reads.
        scratch: folder of the checkpoints.
        seconds: time between two saves.
    """
    _remove_abandoned(scratch)
    settings = {"runtime": asdict(runtime), "config": asdict(config)}
    # The hash covers torch's version, because the kernels of another version may compute other bytes.
    digest = hashlib.sha256(json.dumps([settings, torch.__version__], sort_keys=True).encode())
    # The hash covers all code, because a change of the code may change the result.
    code = Path(gradus.__file__).parent
    for path in [*sorted(data), *sorted(code.rglob("*.py"))]:
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return Checkpoint(scratch / f"{stage}-{digest.hexdigest()[:16]}.checkpoint", seconds)


def _remove_abandoned(scratch: Path) -> None:
    clear_leftovers(scratch, "train_*")
    oldest = time.time() - KEPT_DAYS * 24 * 3600
    for path in scratch.glob("train_*"):
        if _NAME.fullmatch(path.name) and path.is_file() and path.stat().st_mtime < oldest:
            path.unlink(missing_ok=True)
