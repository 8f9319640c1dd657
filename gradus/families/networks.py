"""The folder of a neural language model."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from gradus.families.folder import ModelFolder

if TYPE_CHECKING:
    import torch

    from gradus.interfaces.language_model import LanguageModel
    from gradus.interfaces.step import Step
    from gradus.networks.language_models.build import LanguageModelDescription

CONFIG = "config.json"
"""File that tells the folder of a network from those of other models."""


@dataclass(frozen=True)
class NeuralFolder(ModelFolder):
    """A trained neural language model; its weights are loaded when they are needed."""

    path: Path
    """The folder."""
    description: "LanguageModelDescription"
    """The checked part of its `config.json`."""

    @property
    def kind(self) -> str:
        """Kind of the network."""
        return self.description.network.kind

    @property
    def vocabulary_size(self) -> int:
        """Number of token ids."""
        return self.description.vocabulary_size

    @property
    def tokenizer_sha256(self) -> str:
        """SHA-256 of the tokenizer whose ids the model was trained on."""
        return self.description.tokenizer_sha256

    def model(self, device: "torch.device") -> "LanguageModel":
        """Load the network to a device, in evaluation mode."""
        from gradus.networks.language_models.build import load_lm

        return load_lm(self.path, self.description).to(device)

    def step(self, device: "torch.device") -> tuple["Step[Any]", "torch.device"]:
        """Load the model as a `Step`; return it and its device."""
        from gradus.networks.language_models.step import LanguageModelStep

        return cast("Step[Any]", LanguageModelStep(self.model(device))), device


def open_network_folder(path: Path, *, sums: bool = True) -> NeuralFolder:
    """Check the folder of a neural language model and read its description.

    Args:
        path: the model's folder.
        sums: whether to check the SHA-256 sum of every file; the structure is always checked.
    Raises:
        InputError: if the folder is missing or damaged, or holds a translation model.
    """
    from gradus.networks.language_models.build import open_lm

    return NeuralFolder(path, open_lm(path, sums=sums))
