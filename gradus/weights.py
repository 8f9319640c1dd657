"""Folders of networks: the weights in safetensors, the configuration in JSON. No file is read with pickle."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import torch
from safetensors import SafetensorError
from safetensors.torch import load, load_file, save
from torch import Tensor, nn

from gradus.artifacts.inputs import require_regular
from gradus.artifacts.json_files import read_json, write_json
from gradus.artifacts.seals import open_sealed
from gradus.errors import InputError
from gradus.runtime import weightless

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

FORMAT = 1
"""Version of the layout of a network's folder. Folders of other versions are refused."""

NETWORK = "a trained network"
"""Content of a network's folder, as named in the seal. The seal is a file that lists the hashes of a folder."""

REMEDY = "train the model again (dvc repro)"

Module = TypeVar("Module", bound=nn.Module)


def count_parameters(model: nn.Module) -> int:
    """Return the number of weights of a network. A tied weight counts once."""
    return sum(parameter.numel() for parameter in model.parameters())


def write_model(folder: Path, weights: Mapping[str, Tensor], *sections: "DataclassInstance") -> None:
    """Write `weights.safetensors` and `config.json` into a folder that `new_folder` made.

    Args:
        folder: an empty folder.
        weights: state dict of the network. A tied weight is written once for each of its names.
        sections: dataclasses whose fields are the keys of `config.json`, in this order. If two sections have a field in
            common, its values must be equal.
    """
    # The file gets no metadata, because safetensors writes metadata in random order.
    (folder / "weights.safetensors").write_bytes(pack(weights))
    config: dict[str, Any] = {"format": FORMAT}
    for section in sections:
        config.update(asdict(section))
    write_json(folder / "config.json", config)


def open_network(folder: Path, *, sums: bool = True) -> dict[str, Any]:
    """Check a folder that `write_model` wrote, and read its configuration.

    Args:
        folder: the model's folder.
        sums: whether to check the SHA-256 sum of every file.
    Returns:
        The content of `config.json` without the format version.
    Raises:
        InputError: if the folder is missing, damaged, or of another format version.
    """
    open_sealed(folder, NETWORK, sums=sums, remedy=REMEDY)
    config = read_json(folder / "config.json")
    version = config.pop("format", None)
    if version != FORMAT:
        raise InputError(folder / "config.json", expected=f"format {FORMAT}", found=f"format {version}", remedy=REMEDY)
    return config


def load_weights(folder: Path, build: Callable[[], Module]) -> Module:
    """Build a network, and load its weights from a folder that `open_network` checked.

    Args:
        folder: the model's folder.
        build: function that builds the network from the folder's configuration.
    Returns:
        The network on the CPU, in evaluation mode.
    Raises:
        InputError: if the file of the weights is damaged, if the weights do not fit the network, or if a weight is not
            finite.
    """
    path = folder / "weights.safetensors"
    require_regular(path, "a complete safetensors file", REMEDY)
    try:
        weights = load_file(path)
    except (SafetensorError, ValueError, OSError) as error:
        raise InputError(path, expected="a complete safetensors file", found=str(error), remedy=REMEDY) from None
    with weightless():  # no memory is allocated yet: the network of a wrong configuration may be huge
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
                path,
                expected=f"{name} as in config.json: {wanted.get(name, 'none')}",
                found=str(found),
                remedy=REMEDY,
            )
    broken = next((name for name, tensor in weights.items() if not torch.isfinite(tensor).all()), None)
    if broken is not None:
        raise InputError(path, expected="finite weights", found=f"NaN or infinity in {broken}", remedy=REMEDY)


def pack(tensors: Mapping[str, Tensor]) -> bytes:
    """Encode tensors as a safetensors file."""
    # The tensors are cloned, because safetensors refuses tensors that share memory, as tied weights do.
    return save({name: tensor.detach().cpu().contiguous().clone() for name, tensor in tensors.items()})


def unpack(content: bytes) -> dict[str, Tensor]:
    """Decode the content of a safetensors file.

    Raises:
        InputError: if the content is damaged.
    """
    try:
        return load(content)
    except (SafetensorError, ValueError) as error:
        raise InputError("tensors", expected="safetensors", found=str(error), remedy=REMEDY) from None
