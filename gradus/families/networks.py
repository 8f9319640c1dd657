"""The folder of a neural language model."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    import torch

    from gradus.interfaces.language_model import LanguageModel
    from gradus.interfaces.step import Step

CONFIG = "config.json"
"""The file by which such a folder is known."""


@dataclass(frozen=True)
class NeuralFolder:
    """One neural language model."""

    path: Path
    description: Mapping[str, Any]

    @property
    def kind(self) -> str:
        """The architecture."""
        return str(self.description["network"]["kind"])

    def model(self, device: "torch.device") -> "LanguageModel":
        """Return the network, ready to be evaluated."""
        from gradus.networks.language_models.build import load_lm

        return load_lm(self.path, self.description).to(device)

    def step(self, device: "torch.device") -> tuple["Step[Any]", "torch.device"]:
        """Return the model as a step, and where it is."""
        from gradus.networks.language_models.step import LanguageModelStep

        return cast("Step[Any]", LanguageModelStep(self.model(device))), device


def open_network_folder(path: Path, *, sums: bool = True) -> NeuralFolder:
    """Check the folder of a neural language model and read its configuration.

    Args:
        path: the model's folder.
        sums: whether to check the SHA-256 sum of every file; structure is checked in any case.
    Raises:
        InputError: if the folder is missing, of another format, or damaged.
    """
    from gradus.networks.language_models.build import open_lm

    return NeuralFolder(path, open_lm(path, sums=sums))
