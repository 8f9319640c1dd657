"""Define what the folders of n-gram models, of neural language models and of mixtures share."""

from abc import ABC, abstractmethod
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch

    from gradus.interfaces.step import Step


class ModelFolder(ABC):
    """Opened folder of a language model. Its manifest or `config.json` is checked; its arrays are read later."""

    path: Path
    description: Any
    """Checked content of the file that describes the model, with its tokenizer and its kind."""

    @property
    def kind(self) -> str:
        """Kind of the smoother, of the network or of the mixture; `arpa` for imported n-grams."""
        return str(self.description.kind)

    @property
    def vocabulary_size(self) -> int:
        """Number of token ids, V."""
        return int(self.description.vocabulary_size)

    @property
    def tokenizer_sha256(self) -> str:
        """SHA-256 of the tokenizer that encoded the training text."""
        return str(self.description.tokenizer_sha256)

    @abstractmethod
    def step(self, device: "torch.device") -> tuple["Step[Any]", "torch.device"]:
        """Load the model.

        Returns:
            First a `Step`, which computes next-token distributions; second the device of its tensors.
        """
