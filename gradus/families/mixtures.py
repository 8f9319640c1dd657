"""Open the folder of a mixture of language models."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from gradus.artifacts.seals import REMEDY
from gradus.errors import InputError
from gradus.families.components import Component, open_component
from gradus.families.folder import ModelFolder
from gradus.families.networks import NeuralFolder

if TYPE_CHECKING:
    import torch

    from gradus.interfaces.step import Step
    from gradus.mixtures.storage import MixtureDescription

MIXTURE_FILE = "mixture.json"  # not imported from gradus.mixtures, because a command that opens n-grams needs none
"""Name of the file that identifies the folder of a mixture."""


@dataclass(frozen=True)
class MixtureFolder(ModelFolder):
    """Opened folder of a mixture of language models."""

    path: Path
    description: "MixtureDescription"
    """Checked content of `mixture.json`."""
    models: tuple[Component, ...]
    """The models, in the order of the weights."""

    def step(self, device: "torch.device") -> tuple["Step[Any]", "torch.device"]:
        """Load the models; move the networks to `device`.

        Returns:
            First a `Step`, which computes next-token distributions; second `device`, or the CPU if the mixture has no
            network.
        """
        # imported here, because scoring with n-grams needs no torch
        import torch

        from gradus.mixtures.step import MixtureStep

        place = device if has_network(self.models) else torch.device("cpu")
        steps = [model.step(place)[0] for model in self.models]
        return cast("Step[Any]", MixtureStep(self.description.kind, steps, self.description.weights, place)), place


def has_network(models: Iterable[Component]) -> bool:
    """Return whether one of the models is a network, which can read all earlier text."""
    return any(isinstance(model, NeuralFolder) for model in models)


def open_mixture_folder(path: Path, *, sums: bool = True) -> MixtureFolder:
    """Check the folder of a mixture and its models; the arrays are read later.

    Args:
        path: the mixture's folder.
        sums: whether to check the SHA-256 of every file. The size of every file is always checked.
    Raises:
        InputError: if the folder is missing or damaged, or a model has another tokenizer.
    """
    from gradus.mixtures.storage import MODELS, open_mixture

    description = open_mixture(path, sums=sums)
    # the seal of the mixture covers the files of its models, so their sums need no second check
    models = tuple(open_component(path / MODELS / name, sums=False) for name in description.models)
    for model in models:
        require_tokenizer_of_mixture(model, description.tokenizer_sha256, description.vocabulary_size)
    return MixtureFolder(path, description, models)


def require_tokenizer_of_mixture(model: Component, sha256: str, size: int) -> None:
    """Raise InputError unless a model was trained with the tokenizer of its mixture."""
    if (model.tokenizer_sha256, model.vocabulary_size) != (sha256, size):
        raise InputError(
            model.path,
            expected=f"a model with the tokenizer of the mixture ({size} pieces, SHA-256 {sha256})",
            found=f"{model.vocabulary_size} pieces, SHA-256 {model.tokenizer_sha256}",
            remedy=REMEDY,
        )
