"""A model folder: weights in safetensors, configuration in JSON with a format version. Nothing is unpickled."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from gradus.artifacts.json_files import read_json, write_json
from gradus.artifacts.places import new_file
from gradus.errors import InputError

FORMAT = 1
"""Version of the folder's layout; a reader refuses any other."""


def write_model(folder: Path, weights: Mapping[str, Tensor], config: Mapping[str, Any]) -> None:
    """Write `weights.safetensors` and `config.json` into an existing folder.

    Tied weights are written once for each name. The file holds no metadata: safetensors shuffles it.
    """
    tensors = {name: tensor.detach().cpu().contiguous().clone() for name, tensor in weights.items()}
    with new_file(folder / "weights.safetensors") as part:
        save_file(tensors, part)
    write_json(folder / "config.json", {"format": FORMAT, **config})


def read_model(folder: Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Read a model folder: weights by name, on the CPU, and the configuration without its format.

    Raises:
        InputError: if the folder is missing, truncated, or of another format version.
    """
    config = read_json(folder / "config.json")
    version = config.pop("format", None)
    if version != FORMAT:
        raise InputError(
            folder / "config.json",
            expected=f"format {FORMAT}",
            found=f"format {version}",
            remedy="train the model again with this version of gradus",
        )
    path = folder / "weights.safetensors"
    try:
        return load_file(path), config
    except FileNotFoundError:
        raise InputError(path, expected="weights", found="no file", remedy="run dvc repro or dvc pull") from None
    except SafetensorError as error:
        raise InputError(
            path, expected="a whole safetensors file", found=str(error), remedy="train the model again"
        ) from None
