"""The hidden state that a language model carries from one chunk to the next, as a part of a checkpoint."""

from typing import Protocol

from torch import Tensor

from gradus.interfaces.language_model import LanguageModel
from gradus.interfaces.state import State
from gradus.training.checkpoint import DamagedError
from gradus.training.parts import Saved, is_finite


class Carrier(Protocol):
    """A training whose chunks begin with the final state of the previous chunk."""

    model: LanguageModel
    state: State
    """Final state of the last chunk; empty before the first chunk."""

    @property
    def n_lanes(self) -> int:
        """B, number of rows of the state."""
        ...


class CarriedState:
    """The state after the last chunk, as a `Part`. Its tensors are named by their positions in the state."""

    def __init__(self, carrier: Carrier) -> None:
        self.carrier = carrier

    def save(self) -> Saved:
        """See `Part.save`."""
        return Saved({str(number): tensor for number, tensor in enumerate(self.carrier.state)})

    def check(self, saved: Saved) -> None:
        """See `Part.check`. A dimension that is empty in the initial state grows up to the window of the model."""
        model = self.carrier.model
        wanted = model.initial_state(self.carrier.n_lanes)
        if saved.values or saved.tensors.keys() != {str(number) for number in range(len(wanted))}:
            raise DamagedError("the carried state has wrong parts")
        found = [saved.tensors[str(number)].to(first.device) for number, first in enumerate(wanted)]
        lengths = set[int]()
        for tensor, first in zip(found, wanted, strict=True):
            lengths |= _grown(tensor, first)
            if not (is_finite(tensor) if tensor.is_floating_point() else _are_tokens(tensor, model.vocabulary_size)):
                raise DamagedError("the carried state has impossible values")
        if lengths and not (len(lengths) == 1 and 0 < min(lengths) <= (model.window or 0)):
            raise DamagedError("the carried state has a wrong length")

    def restore(self, saved: Saved) -> None:
        """See `Part.restore`."""
        device = next(self.carrier.model.parameters()).device
        self.carrier.state = tuple(saved.tensors[str(number)].to(device) for number in range(len(saved.tensors)))


def _grown(tensor: Tensor, first: Tensor) -> set[int]:
    """Return the sizes of the dimensions that are empty in the initial state; refuse other differences."""
    if tensor.dtype != first.dtype or tensor.dim() != first.dim():
        raise DamagedError("the carried state has a wrong shape or type")
    pairs = list(zip(tensor.shape, first.shape, strict=True))
    if any(size != begin for size, begin in pairs if begin):
        raise DamagedError("the carried state has a wrong shape or type")
    return {size for size, begin in pairs if not begin}


def _are_tokens(tensor: Tensor, vocabulary_size: int) -> bool:
    return bool(((tensor >= 0) & (tensor < vocabulary_size)).all())
