"""Losses of next-token prediction, in nats.

Every loss is a sum over tokens, so that losses of batches of different sizes can be added.
"""

import torch.nn.functional as F
from torch import Tensor

from gradus.interfaces.language_model import LanguageModel
from gradus.interfaces.state import State
from gradus.text.special import PAD_ID


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
    features, state = model.advance(inputs, state)
    return model.output.token_nats(features, targets), state
