"""Interface of a language model's folder, whatever its family."""

from abc import ABC, abstractmethod
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch

    from gradus.interfaces.step import Step


class ModelFolder(ABC):
    """An opened folder. Its description was checked; its arrays are read when a method needs them."""

    path: Path

    @property
    @abstractmethod
    def kind(self) -> str:
        """Smoother or architecture."""

    @property
    @abstractmethod
    def vocabulary_size(self) -> int:
        """V, the number of token ids."""

    @property
    @abstractmethod
    def tokenizer_sha256(self) -> str:
        """Hash of the tokenizer whose ids the model was trained on."""

    @abstractmethod
    def step(self, device: "torch.device") -> tuple["Step[Any]", "torch.device"]:
        """Return the model as a step, and the device on which it runs."""
