"""A model folder: weights in safetensors, configuration in JSON with a format version. Nothing is unpickled."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import torch
from safetensors import SafetensorError
from safetensors.torch import load, load_file, save
from torch import Tensor, nn

from gradus.artifacts.inputs import require_regular
from gradus.artifacts.json_files import read_json, write_json
from gradus.artifacts.seals import open_sealed
from gradus.errors import InputError
from gradus.runtime import weightless

FORMAT = 1
"""Version of the folder's layout; a reader refuses any other."""

NETWORK = "a trained network"
"""What the seal of a model's folder calls its content."""

REMEDY = "train the model again (dvc repro)"

Module = TypeVar("Module", bound=nn.Module)


def write_model(folder: Path, weights: Mapping[str, Tensor], config: Mapping[str, Any]) -> None:
    """Write `weights.safetensors` and `config.json` into a folder that `new_folder` yields.

    Tied weights are written once for each name. The file holds no metadata: safetensors shuffles it.
    """
    (folder / "weights.safetensors").write_bytes(pack(weights))
    write_json(folder / "config.json", {"format": FORMAT, **config})


def open_network(folder: Path, *, sums: bool = True) -> dict[str, Any]:
    """Check a folder that `write_model` wrote, and return its configuration without the format.

    Args:
        folder: of a sealed model.
        sums: whether to check the SHA-256 sum of every file.
    Raises:
        InputError: if it is of another format, or a file is not as it was written.
    """
    open_sealed(folder, NETWORK, sums=sums, remedy=REMEDY)
    config = read_json(folder / "config.json")
    version = config.pop("format", None)
    if version != FORMAT:
        raise InputError(folder / "config.json", expected=f"format {FORMAT}", found=f"format {version}", remedy=REMEDY)
    return config


def load_weights(folder: Path, build: Callable[[], Module]) -> Module:
    """Build a network and give it the weights of a folder that `open_network` has checked.

    The network is built without memory first, so that a configuration which does not fit the weights allocates none.

    Args:
        folder: of the model.
        build: makes the network that its configuration describes.
    Returns:
        The network on the CPU, in evaluation mode.
    Raises:
        InputError: if the weights do not fit the network, or are no finite numbers.
    """
    path = folder / "weights.safetensors"
    require_regular(path, "a whole safetensors file", REMEDY)
    try:
        weights = load_file(path)
    except (SafetensorError, ValueError, OSError) as error:
        raise InputError(path, expected="a whole safetensors file", found=str(error), remedy=REMEDY) from None
    with weightless():
        wanted = {name: (tensor.dtype, tuple(tensor.shape)) for name, tensor in build().state_dict().items()}
    _require_fit(path, wanted, weights)
    model = build()
    model.load_state_dict(weights)
    return model.eval()


def _require_fit(path: Path, wanted: Mapping[str, Any], weights: Mapping[str, Tensor]) -> None:
    for name in [*wanted, *weights]:
        found = (weights[name].dtype, tuple(weights[name].shape)) if name in weights else "none"
        if found != wanted.get(name, "none"):
            raise InputError(
                path, expected=f"{name}: {wanted.get(name, 'none')}, by config.json", found=str(found), remedy=REMEDY
            )
    broken = next((name for name, tensor in weights.items() if not torch.isfinite(tensor).all()), None)
    if broken is not None:
        raise InputError(path, expected="finite weights", found=f"NaN or infinity in {broken}", remedy=REMEDY)


def pack(tensors: Mapping[str, Tensor]) -> bytes:
    """Return tensors as the bytes of a safetensors file."""
    return save({name: tensor.detach().cpu().contiguous().clone() for name, tensor in tensors.items()})


def unpack(content: bytes) -> dict[str, Tensor]:
    """Return the tensors of a safetensors file's bytes.

    Raises:
        InputError: if the bytes are no such file.
    """
    try:
        return load(content)
    except (SafetensorError, ValueError) as error:
        raise InputError("tensors", expected="safetensors", found=str(error), remedy=REMEDY) from None
