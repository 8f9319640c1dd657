"""The folder of an n-gram model, with one model for every order."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gradus.families.folder import ModelFolder

if TYPE_CHECKING:
    import torch

    from gradus.interfaces.step import Step
    from gradus.ngram.scoring.model import NgramModel
    from gradus.ngram.scoring.storage import NgramDescription
    from gradus.results.details import FittedByOrder

MANIFEST = "manifest.json"  # not imported from gradus.ngram, which opening a network should not need
"""A folder with this file holds n-grams."""


@dataclass(frozen=True)
class NgramFolder(ModelFolder):
    """One smoother's models of every order."""

    path: Path
    description: "NgramDescription"
    """The checked content of `manifest.json`."""

    @property
    def kind(self) -> str:
        """The smoother, or `arpa`."""
        return self.description.kind

    @property
    def vocabulary_size(self) -> int:
        """V, the number of token ids."""
        return self.description.vocabulary_size

    @property
    def tokenizer_sha256(self) -> str:
        """SHA-256 of the tokenizer whose ids were counted."""
        return self.description.tokenizer_sha256

    @property
    def orders(self) -> list[int]:
        """The orders, ascending."""
        return list(self.description.orders)

    @property
    def fitted(self) -> "FittedByOrder":
        """Parameters fitted for the model of the highest order, by order of the n-grams."""
        return self.description.orders[self.orders[-1]].fitted

    def model(self, order: int | None = None) -> "NgramModel":
        """Memory-map the model of one order, the highest if none is given.

        Raises:
            InputError: if the order was not fitted, or an array is broken.
        """
        # inside the function: a command that opens a network needs no n-grams
        from gradus.ngram.scoring.storage import open_ngram

        return open_ngram(self.path, order or self.orders[-1])

    def step(self, device: "torch.device") -> tuple["Step[Any]", "torch.device"]:
        """Return the highest order as a step, and its device: always the CPU, because n-grams are NumPy arrays."""
        import torch

        from gradus.ngram.scoring.step import NgramStep

        return NgramStep(self.model()), torch.device("cpu")


def open_ngrams(path: Path, *, sums: bool = True) -> NgramFolder:
    """Check the folder of an n-gram model and read its manifest; arrays are opened when they are needed.

    Args:
        path: the folder of the model.
        sums: whether to check the SHA-256 sum of every file; structure is checked in any case.
    Raises:
        InputError: if the folder is missing, has another format, or is damaged.
    """
    from gradus.ngram.scoring.storage import open_models

    return NgramFolder(path, open_models(path, sums=sums))
