"""The folder of a neural language model."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from gradus.families.folder import ModelFolder

if TYPE_CHECKING:
    import torch

    from gradus.interfaces.language_model import LanguageModel
    from gradus.interfaces.step import Step

CONFIG = "config.json"
"""File that every folder of a network has."""


@dataclass(frozen=True)
class NeuralFolder(ModelFolder):
    """One neural language model."""

    path: Path
    description: Mapping[str, Any]

    @property
    def kind(self) -> str:
        """Kind of the network, such as lstm."""
        return str(self.description["network"]["kind"])

    @property
    def vocabulary_size(self) -> int:
        """V, the number of token ids."""
        return int(self.description["vocabulary_size"])

    @property
    def tokenizer_sha256(self) -> str:
        """Hash of the tokenizer whose ids the network was trained on."""
        return str(self.description["tokenizer_sha256"])

    def model(self, device: "torch.device") -> "LanguageModel":
        """Return the network on a device, in evaluation mode."""
        from gradus.networks.language_models.build import load_lm

        return load_lm(self.path, self.description).to(device)

    def step(self, device: "torch.device") -> tuple["Step[Any]", "torch.device"]:
        """Return the network as a step, and `device`."""
        from gradus.networks.language_models.step import LanguageModelStep

        return cast("Step[Any]", LanguageModelStep(self.model(device))), device


def open_network_folder(path: Path, *, sums: bool = True) -> NeuralFolder:
    """Check the folder of a neural language model and read its configuration.

    Args:
        path: the model's folder.
        sums: whether to check the SHA-256 sum of every file; the structure is always checked.
    Raises:
        InputError: if the folder is missing, of another format, or damaged.
    """
    from gradus.networks.language_models.build import open_lm

    return NeuralFolder(path, open_lm(path, sums=sums))
