"""Define the interface that folders of n-gram models and of neural language models share."""

from abc import ABC, abstractmethod
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch

    from gradus.interfaces.step import Step


class ModelFolder(ABC):
    """Opened folder of a language model. Its manifest or `config.json` is checked; its arrays are read later."""

    path: Path

    @property
    @abstractmethod
    def kind(self) -> str:
        """Kind of the smoother or of the network."""

    @property
    @abstractmethod
    def vocabulary_size(self) -> int:
        """Number of token ids, V."""

    @property
    @abstractmethod
    def tokenizer_sha256(self) -> str:
        """SHA-256 of the tokenizer that encoded the training text."""

    @abstractmethod
    def step(self, device: "torch.device") -> tuple["Step[Any]", "torch.device"]:
        """Load the model.

        Returns:
            First a `Step`, which computes next-token distributions; second the device of its tensors.
        """
