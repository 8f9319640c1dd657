"""Losses of next-token prediction, in nats.

Every loss is a sum over tokens, so that losses of batches of different sizes can be added.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from gradus.interfaces.language_model import LanguageModel
from gradus.interfaces.state import State
from gradus.text.special import BOS_ID, PAD_ID


def cross_entropy(logits: Tensor, targets: Tensor) -> Tensor:
    """Return the total negative log-likelihood of all targets except PAD.

        nll = -sum of ln softmax(logits[b, t])[targets[b, t]] over all (b, t) where targets[b, t] != PAD

    Args:
        logits: float (B, T, V).
        targets: int64 (B, T).
    Returns:
        The sum in nats, a differentiable scalar.
    """
    return F.cross_entropy(logits.flatten(0, 1), targets.flatten(), ignore_index=PAD_ID, reduction="sum")


def token_nats(model: LanguageModel, inputs: Tensor, targets: Tensor, state: State) -> tuple[Tensor, State]:
    """Compute the negative log-likelihood of every target.

    Args:
        model: a language model.
        inputs: the token before each target, int64 (B, T).
        targets: int64 (B, T).
        state: the state before the first input.
    Returns:
        First, the negative log-likelihoods in nats, float32 (B, T). They are zero at PAD. Second, the next state.
    """
    logits, state = model(inputs, state)
    nats = F.cross_entropy(logits.flatten(0, 1).float(), targets.flatten(), ignore_index=PAD_ID, reduction="none")
    return nats.view_as(targets), state


def smoothed_nll(logits: Tensor, targets: Tensor, smoothing: float) -> Tensor:
    """Return the total cross-entropy between predictions and smoothed targets.

        loss_n = -(1 - e) ln p_n(y_n) - e / |P| * (sum of ln p_n(v) over all v in P)

    The result is the sum of `loss_n` over all targets `y_n`. The prediction `p_n` is the softmax of `logits[n]`. The
    set `P` contains all ids except PAD and BOS, whose logits are -inf.

    Args:
        logits: float (N, V).
        targets: the ids `y_n`, int64 (N,), which must be in `P`.
        smoothing: `e` in [0, 1). With 0, the loss is the negative log-likelihood.
    Returns:
        The loss in nats, a differentiable scalar.

    Source: Szegedy et al. (2016), Rethinking the Inception architecture, section 7.
    """
    if smoothing == 0:
        return F.cross_entropy(logits, targets, reduction="sum")
    log_probs = logits.log_softmax(dim=-1)
    nll = F.nll_loss(log_probs, targets, reduction="sum")
    never = [PAD_ID, BOS_ID]
    blocked = torch.zeros(log_probs.shape[-1], dtype=torch.bool, device=logits.device)
    blocked[never] = True
    # Values of -inf are replaced by zero before the sum, because 0 * -inf would make the loss and its gradient NaN.
    uniform = -log_probs.masked_fill(blocked, 0.0).sum() / (log_probs.shape[-1] - len(never))
    return (1 - smoothing) * nll + smoothing * uniform
