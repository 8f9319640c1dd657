"""Open the folder of a neural language model, and load its network."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from gradus.families.folder import ModelFolder

if TYPE_CHECKING:
    import torch

    from gradus.interfaces.language_model import LanguageModel
    from gradus.interfaces.step import Step
    from gradus.networks.language_models.build import LanguageModelDescription

CONFIG = "config.json"
"""Name of the file that identifies the folder of a network."""


@dataclass(frozen=True)
class NeuralFolder(ModelFolder):
    """Opened folder of a neural language model. The weights are read later, by `model` or `step`."""

    path: Path
    """The folder."""
    description: "LanguageModelDescription"
    """Checked content of `config.json`."""

    @property
    def kind(self) -> str:
        """Kind of the network."""
        return self.description.network.kind

    def model(self, device: "torch.device") -> "LanguageModel":
        """Move the network to `device`, in evaluation mode. The first call loads the network."""
        return self._network.to(device)

    @cached_property
    def _network(self) -> "LanguageModel":
        # imported here, because a command that opens n-grams should not wait for torch
        from gradus.networks.language_models.build import load_lm

        return load_lm(self.path, self.description)

    def step(self, device: "torch.device") -> tuple["Step[Any]", "torch.device"]:
        """Load the network, and move it to `device`.

        Returns:
            First a `Step`, which computes next-token distributions; second `device`.
        """
        from gradus.networks.language_models.step import LanguageModelStep

        return cast("Step[Any]", LanguageModelStep(self.model(device))), device


def open_network_folder(path: Path, *, sums: bool = True) -> NeuralFolder:
    """Check the folder of a neural language model, and read its `config.json`. The weights are read later.

    Args:
        path: the model's folder.
        sums: whether to check the SHA-256 of every file. The size of every file is always checked.
    Raises:
        InputError: if the folder is missing or damaged, or holds a translation model.
    """
    from gradus.networks.language_models.build import open_lm

    return NeuralFolder(path, open_lm(path, sums=sums))
