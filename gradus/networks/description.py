"""The description of a trained network: the part of `config.json` that is checked when the network is opened."""

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Annotated, Any, Protocol, TypeVar

from pydantic import Field

from gradus.errors import InputError
from gradus.params import validated
from gradus.weights import open_network

Description = TypeVar("Description")

ParameterCount = Annotated[int, Field(ge=1, le=10**15)]
"""Number of trained weights."""


class NetworkConfig(Protocol):
    """Settings of a network, as in params.yaml."""

    @property
    def kind(self) -> str:
        """Name of the network's architecture, such as `lstm`."""
        ...


@dataclass(frozen=True)
class Family:
    """A family of networks: language models or translation models."""

    name: str
    """Name of a model of this family in error messages, such as `a language model`."""
    key: str
    """A key of `config.json` that only models of this family have."""
    place: str
    """Folder where the pipeline stores the models of this family."""


LANGUAGE_MODEL = Family("a language model", key="vocabulary_size", place="models/lm")
TRANSLATION_MODEL = Family("a translation model", key="vocabulary_sizes", place="models/mt")


def open_description(folder: Path, family: Family, kind: type[Description], *, sums: bool) -> Description:
    """Check the folder of a trained network, and read its description.

    Args:
        folder: folder that `train_lm` or `train_mt` wrote.
        family: the expected family.
        kind: class of the description. Keys of `config.json` that are not fields of this class are ignored.
        sums: whether to check the SHA-256 sum of every file.
    Raises:
        InputError: if the folder is missing or damaged, or contains a model of the other family.
    """
    values = open_network(folder, sums=sums)
    # The family is checked before the validation, which would only say that a key is missing.
    for other in (LANGUAGE_MODEL, TRANSLATION_MODEL):
        if other != family and other.key in values and family.key not in values:
            remedy = f"choose a folder in {family.place}"
            raise InputError(folder, expected=family.name, found=other.name, remedy=remedy)
    known: Any = kind  # mypy cannot know that every `kind` is a dataclass
    keys = [field.name for field in fields(known)]
    return validated({key: values.get(key) for key in keys}, f"{folder}/config.json: ", kind)
