"""Write the folder of a mixture of language models, and open such a folder.

The folder contains its models, so that it can be copied to another machine, and so that no change elsewhere can part
the weights from the models that they were fitted for.
"""

import math
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic.dataclasses import dataclass

from gradus.artifacts.json_files import read_json, write_json
from gradus.artifacts.seals import REMEDY, open_sealed
from gradus.errors import InputError
from gradus.mixtures.config import Kind
from gradus.results.fields import RESULT, Count, Name, NatsPerToken, Number
from gradus.results.files import as_json, parse_result
from gradus.results.score import Context

MIXTURE = "a mixture of language models"
"""Kind of folder, as named in the folder's seal (the file that lists hashes)."""
CONFIG = "mixture.json"
"""Name of the file that identifies the folder of a mixture."""
FORMAT = 1
"""Version of the layout of a mixture's folder. Folders of other versions are refused."""
MODELS = "models"
"""Name of the subfolder with a copy of each model."""
ROUNDING = 1e-6
"""Largest difference between 1 and the sum of the weights."""


def _require_sum_of_one(weights: list[float]) -> list[float]:
    if not math.isclose(sum(weights), 1, abs_tol=ROUNDING):
        raise ValueError("weights whose sum is 1")
    return weights


Weights = Annotated[list[Number], Field(min_length=2), AfterValidator(_require_sum_of_one)]
"""Weights of the models, in the order of the models. Their sum is 1."""


@dataclass(frozen=True, kw_only=True, config=RESULT)
class MixtureDescription:
    """The checked content of `mixture.json`."""

    kind: Kind
    """Rule by which the models are mixed."""
    models: Annotated[list[Name], Field(min_length=2)]
    """Names of the models."""
    weights: dict[Context, Weights]
    """Dict from context to the weights of the models."""
    valid_nats_per_token: dict[Context, NatsPerToken]
    """Dict from context to the loss on the validation text, on which the weights were fitted."""
    vocabulary_size: Count
    """Number of token ids, V."""
    tokenizer_sha256: str
    """SHA-256 of the tokenizer that encoded the training text of all models."""


def write_mixture(folder: Path, description: MixtureDescription, models: Mapping[str, Path]) -> None:
    """Write `mixture.json`, and copy the models into the subfolder `models`.

    Args:
        folder: an unfinished folder, from `new_folder`.
        description: content of `mixture.json`.
        models: dict from the name of each model to its folder.
    """
    write_json(folder / CONFIG, {"format": FORMAT, **as_json(description)})
    for name, source in models.items():
        shutil.copytree(source, folder / MODELS / name)


def open_mixture(folder: Path, *, sums: bool = True) -> MixtureDescription:
    """Check a folder that `write_mixture` wrote, and read its description.

    Args:
        folder: the mixture's folder.
        sums: whether to check the SHA-256 of every file. The size of every file is always checked.
    Raises:
        InputError: if the folder is missing or damaged, or has another format.
    """
    open_sealed(folder, MIXTURE, sums=sums)
    path = folder / CONFIG
    values = read_json(path)
    if values.get("format") != FORMAT:
        found = f"format {values.get('format')}"
        raise InputError(path, expected=f"format {FORMAT}", found=found, remedy=REMEDY)
    description = parse_result(values, f"{path}: ", MixtureDescription, remedy=REMEDY)
    problem = _problem(description)
    if problem:
        raise InputError(path, expected=problem, found="another mixture", remedy=REMEDY)
    return description


def _problem(description: MixtureDescription) -> str | None:
    """Return what is missing in a description whose single values are sound; None if nothing is missing."""
    weights = description.weights
    if "line" not in weights:
        return "weights for the context line"
    if any(len(each) != len(description.models) for each in weights.values()):
        return f"{len(description.models)} weights, one for each model"
    if description.kind == "linear" and any(not 0 <= weight <= 1 for each in weights.values() for weight in each):
        return "weights from 0 to 1"
    return None
