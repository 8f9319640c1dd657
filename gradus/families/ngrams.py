"""The folder of an n-gram model of every order."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch

    from gradus.interfaces.step import Step
    from gradus.ngram.scoring.model import NgramModel

MANIFEST = "manifest.json"
"""The file by which such a folder is known."""


@dataclass(frozen=True)
class NgramFolder:
    """One smoother's models of every order."""

    path: Path
    description: Mapping[str, Any]

    @property
    def kind(self) -> str:
        """The smoother."""
        return str(self.description["kind"])

    @property
    def vocabulary_size(self) -> int:
        """Number of token ids."""
        return int(self.description["vocabulary_size"])

    @property
    def tokenizer_sha256(self) -> str | None:
        """SHA-256 of the tokenizer whose ids the model was counted on; None if the manifest has none."""
        return self.description.get("tokenizer_sha256")

    @property
    def orders(self) -> list[int]:
        """The orders, ascending."""
        return sorted(map(int, self.description["orders"]))

    @property
    def fitted(self) -> Mapping[str, Any]:
        """What was fitted for the model of the highest order, by the order of the n-grams."""
        found: Mapping[str, Any] = self.description["orders"][str(self.orders[-1])]["fitted"]
        return found

    def model(self, order: int) -> "NgramModel":
        """Memory-map the model of one order."""
        from gradus.ngram.storage import open_ngram

        return open_ngram(self.path, order)

    def step(self, device: "torch.device") -> tuple["Step[Any]", "torch.device"]:
        """Return the highest order as a step, and the CPU, for n-grams are NumPy's."""
        import torch

        from gradus.ngram.scoring.step import NgramStep

        return NgramStep(self.model(self.orders[-1])), torch.device("cpu")


def open_ngrams(path: Path, *, sums: bool = True) -> NgramFolder:
    """Check the folder of an n-gram model and read its manifest; arrays are opened when they are needed.

    Args:
        path: the model's folder.
        sums: whether to check the SHA-256 sum of every file; structure is checked in any case.
    Raises:
        InputError: if the folder is missing, of another format, or damaged.
    """
    from gradus.ngram.storage import open_models

    return NgramFolder(path, open_models(path, sums=sums))
