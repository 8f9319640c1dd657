"""Refuse log-probabilities from which no token can be chosen."""

import torch
from torch import Tensor

from gradus.errors import RunError


def require_numbers(log_probs: Tensor) -> Tensor:
    """Return the largest log-probability of every row, shape (B,). `log_probs` has shape (B, V).

    Raises:
        RunError: if a log-probability is NaN. The cause is an overflow in the network, which is possible even if all
            weights are finite.
    """
    best = log_probs.amax(dim=1)  # NaN if the row has a NaN
    if torch.isnan(best).any():
        raise RunError("some log-probabilities of the model are NaN; train the model again with a lower learning rate")
    return best


def require_possible(best: Tensor) -> None:
    """Raise RunError if the largest log-probability of some row is -inf.

    Args:
        best: largest log-probability of every row, as `require_numbers` returns it.
    """
    if best.isneginf().any():
        raise RunError("after some prefix, every token has probability zero; choose a smoothed model")
