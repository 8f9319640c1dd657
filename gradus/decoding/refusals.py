"""Refuse log-probabilities from which no token can be chosen."""

import torch
from torch import Tensor

from gradus.errors import RunError


def require_numbers(log_probs: Tensor) -> Tensor:
    """Return the largest log-probability of every row, (B,), of (B, V).

    Raises:
        RunError: if one is NaN. A network may overflow even if its weights are finite.
    """
    best = log_probs.amax(dim=1)  # NaN if the row has a NaN
    if torch.isnan(best).any():
        raise RunError("some log-probabilities of the model are NaN; train it again with a lower learning rate")
    return best


def require_possible(best: Tensor) -> None:
    """Raise RunError if the best choice of some row, (B,) log-probabilities, has probability zero."""
    if best.isneginf().any():
        raise RunError("the model gives every token probability zero after some prefix; choose a smoothed model")
