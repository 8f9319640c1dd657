"""Combine the log-probabilities of several language models: linear and log-linear interpolation.

    linear        P(w | h) = sum over k of lambda_k P_k(w | h)              lambda_k >= 0
    log-linear    P(w | h) = product over k of P_k(w | h)^lambda_k / Z(h)   Z(h) makes the sum over all w one

In both, the weights lambda_k sum to one. So a mixture of equal models is the model itself. Log-linear weights can be
negative, and a token has probability zero if one of the models says so.

Source: Jelinek and Mercer (1980) for linear, Klakow (1998) for log-linear interpolation. Klakow's weights have any
sum; such a fit would also tune the temperature of the softmax.
"""

from collections.abc import Sequence

import torch
from torch import Tensor

from gradus.mixtures.config import Kind


def combined(kind: Kind, parts: Sequence[Tensor], weights: Tensor) -> Tensor:
    """Return the log-probabilities of a mixture after each of B histories.

    Args:
        kind: `linear` or `log_linear`.
        parts: log-probabilities of every token under each of the K models, nats, each (B, V).
        weights: the weights, in the order of the models, (K,), or (B, K) if each row has its own weights.
    Returns:
        Log-probabilities of the mixture, nats, (B, V).
    """
    shares = [weight[..., None] for weight in weights.to(parts[0].dtype).unbind(-1)]
    if kind == "linear":
        # the logarithm of a weight of zero is -inf, so its model drops out of the sum
        return torch.logsumexp(torch.stack([w.log() + part for w, part in zip(shares, parts, strict=True)]), dim=0)
    mixed, possible = torch.zeros_like(parts[0]), torch.ones_like(parts[0], dtype=torch.bool)
    for share, part in zip(shares, parts, strict=True):
        known = part > -torch.inf
        mixed += share * part.masked_fill(~known, 0.0)  # a negative weight times -inf would be +inf
        possible &= known
    return mixed.masked_fill_(~possible, -torch.inf).log_softmax(-1)
