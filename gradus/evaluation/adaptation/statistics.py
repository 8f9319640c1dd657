"""Root mean squares of the gradients of the training loss, which dynamic evaluation divides by."""

from collections.abc import Sequence
from typing import Any

import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from gradus.interfaces.language_model import LanguageModel
from gradus.interfaces.state import State, detach
from gradus.text.special import PAD_ID
from gradus.text.streams import chunks, lanes


def segment_gradients(
    model: LanguageModel, weights: Sequence[nn.Parameter], segment: tuple[Tensor, Tensor], state: State
) -> tuple[tuple[Tensor, ...], Tensor, State]:
    """Compute the gradient of the mean loss of one segment.

    Args:
        model: a model that `differentiable_copy` made.
        weights: the weights of the model.
        segment: inputs and targets of the segment, each int64 (B, T).
        state: the state before the segment. No gradient flows into it.
    Returns:
        First, the gradients of the mean negative log-likelihood of all targets except PAD. Second, the features of the
        segment, (B, T, H), without gradients. Third, the next state, without gradients.
    """
    inputs, targets = segment
    features, state = model.advance(inputs, state)
    loss = model.output.nll(features, targets) / (targets != PAD_ID).sum()
    gradients = torch.autograd.grad(loss, weights, materialize_grads=True)
    return gradients, features.detach(), detach(state)


def gradient_rms(model: LanguageModel, train: NDArray[Any], *, batch: int, segment: int) -> list[Tensor]:
    """Compute the root mean square of each component of the gradient over the training text.

        RMS = sqrt(1 / N * (sum over the N batches k of g_k^2))

    The text is cut into B lanes, which are read in parallel, and every lane into segments. The gradient `g_k` is that
    of the mean loss per token of batch k, which consists of the k-th segments of all lanes. The state is carried from
    segment to segment. A larger batch has smaller gradients, so the learning rate of dynamic evaluation depends on it.

    Args:
        model: a model that `differentiable_copy` made. It is not changed.
        train: token ids of the training text, at least one.
        batch: B, maximum number of lanes.
        segment: number of tokens per lane and batch.
    Returns:
        One array for each of `model.parameters()`.

    Source: Krause et al. (2018), Dynamic evaluation of neural sequence models.
    """
    weights = list(model.parameters())
    device = weights[0].device
    inputs, targets = (lane.to(device) for lane in lanes(train, batch))
    state = model.initial_state(len(inputs))
    squares = [torch.zeros_like(weight) for weight in weights]
    batches = 0
    for piece in chunks(inputs, targets, segment):
        gradients, _, state = segment_gradients(model, weights, piece, state)
        for square, gradient in zip(squares, gradients, strict=True):
            square.addcmul_(gradient, gradient)
        batches += 1
    return [(square / batches).sqrt_() for square in squares]
