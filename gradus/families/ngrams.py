"""Open a folder that contains the n-gram models of one smoother."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gradus.families.folder import ModelFolder

if TYPE_CHECKING:
    import torch

    from gradus.interfaces.step import Step
    from gradus.ngram.scoring.model import NgramModel
    from gradus.ngram.scoring.storage import NgramDescription
    from gradus.results.details import FittedByOrder

# not imported from gradus.ngram, because a command that opens a network would import n-grams too
MANIFEST = "manifest.json"
"""Name of the file that identifies a folder of n-gram models."""


@dataclass(frozen=True)
class NgramFolder(ModelFolder):
    """Opened folder that contains the n-gram models of one smoother: one model per order."""

    path: Path
    description: "NgramDescription"
    """The checked content of `manifest.json`."""
    opened: "dict[int, NgramModel]" = field(default_factory=dict, compare=False, repr=False)
    """Dict from the order to the model, for the orders that `model` has memory-mapped."""

    @property
    def orders(self) -> list[int]:
        """Orders of the models, ascending."""
        return list(self.description.orders)

    @property
    def fitted(self) -> "FittedByOrder":
        """Fitted parameters of the highest-order model: a dict from the order of n-grams to the parameters."""
        return self.description.orders[self.orders[-1]].fitted

    def model(self, order: int | None = None) -> "NgramModel":
        """Return the model of one order; None stands for the highest order. The first call memory-maps the model.

        Raises:
            InputError: if no model of this order was fitted, or an array is broken.
        """
        # imported here, because a command that opens a network needs no n-grams
        from gradus.ngram.scoring.storage import open_ngram

        order = order or self.orders[-1]
        if order not in self.opened:
            self.opened[order] = open_ngram(self.path, order)
        return self.opened[order]

    def step(self, device: "torch.device") -> tuple["Step[Any]", "torch.device"]:
        """Memory-map the model of the highest order.

        Returns:
            First a `Step`, which computes next-token distributions; second the CPU device, whatever `device` is.
        """
        # imported here, because scoring with n-grams needs no torch
        import torch

        from gradus.ngram.scoring.step import NgramStep

        return NgramStep(self.model()), torch.device("cpu")


def open_ngrams(path: Path, *, sums: bool = True) -> NgramFolder:
    """Check a folder of n-gram models, and read its manifest. The arrays are read later.

    Args:
        path: the folder of the models.
        sums: whether to check the SHA-256 of every file. The size of every file is always checked.
    Raises:
        InputError: if the folder is missing, has another format, or is damaged.
    """
    from gradus.ngram.scoring.storage import open_models

    return NgramFolder(path, open_models(path, sums=sums))
