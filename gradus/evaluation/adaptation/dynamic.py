"""Dynamic evaluation: the network goes on learning from the text that it has scored."""

from collections.abc import Sequence
from copy import deepcopy
from typing import Annotated, Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import Field
from pydantic.dataclasses import dataclass
from torch import Tensor, nn

from gradus.errors import InputError
from gradus.evaluation.adaptation.statistics import gradient_rms, segment_gradients
from gradus.evaluation.adaptation.subject import StreamScorer, Subject
from gradus.interfaces.language_model import LanguageModel
from gradus.memory import require_memory
from gradus.params import STRICT
from gradus.results.fields import Name
from gradus.runtime import free_memory
from gradus.text.streams import chunks, lanes
from gradus.text.token_ids import read_ids

COPIES = 5
"""Arrays as large as the weights: a copy of them, their start, gradient, scale and pull."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class DynamicConfig:
    """Section `adapt_lm.NAME` of params.yaml for the kind `dynamic`."""

    kind: Literal["dynamic"]
    model: Name
    """Name of the network, a key of `train_lm`."""
    segment: Annotated[int, Field(ge=1, le=10**6)]
    """Number of tokens that are scored before the weights are updated."""
    learning_rate: Annotated[float, Field(ge=0, le=1e6)]
    """eta, size of the steps along the gradient."""
    decay: Annotated[float, Field(ge=0, le=1e6)]
    """lambda, strength of the pull towards the trained weights."""
    epsilon: Annotated[float, Field(gt=0, le=1e6)]
    """Number that is added to the root mean square of a gradient before the division."""
    batch: Annotated[int, Field(ge=1, le=10**6)]
    """Number of lanes of the training text over which a gradient is averaged for the statistics. The learning rate
    depends on it: the gradients of larger batches are smaller."""


class Update:
    """Update rule of dynamic evaluation.

        theta <- theta - eta g / (RMS + epsilon) + min(lambda RMS / mean RMS, 1) (theta_0 - theta)

    Here `g` is the gradient of the mean loss of the last segment, and `theta_0` are the trained weights. `mean RMS` is
    the mean, over the arrays of weights, of the mean RMS of an array.

    Source: Krause et al. (2018). The mean over arrays, and the limit of 1, are those of the paper's
    program, with which its hyperparameters were found.
    """

    def __init__(self, weights: Sequence[nn.Parameter], rms: Sequence[Tensor], config: DynamicConfig) -> None:
        self.weights = [weight.detach() for weight in weights]  # they share the memory of the model's weights
        self.start = [weight.clone() for weight in self.weights]
        mean = torch.stack([part.mean() for part in rms]).mean()
        # The smallest float, because a mean of zero would make the pull of weights without gradients NaN.
        mean = mean.clamp(min=torch.finfo(mean.dtype).tiny)
        self.scale = [config.learning_rate / (part + config.epsilon) for part in rms]
        self.pull = [(config.decay * part / mean).clamp_(max=1) for part in rms]

    def reset(self) -> None:
        """Restore the trained weights."""
        for weight, start in zip(self.weights, self.start, strict=True):
            weight.copy_(start)

    def apply(self, gradients: Sequence[Tensor]) -> None:
        """Change the weights in place."""
        parts = zip(self.weights, self.start, gradients, self.scale, self.pull, strict=True)
        for weight, start, gradient, scale, pull in parts:
            weight.lerp_(start, pull)
            weight.addcmul_(gradient, scale, value=-1)


def differentiable_copy(model: LanguageModel) -> LanguageModel:
    """Copy a model in evaluation mode, so that gradients of its weights can be computed; dropout stays off."""
    copy = deepcopy(model).eval().requires_grad_()
    for module in copy.modules():
        if isinstance(module, nn.RNNBase):
            # The kernels of cuDNN and oneDNN compute gradients only in training mode. torch's modules have no dropout
            # here: `gradus.layers.recurrence.run` sets it to zero.
            module.train()
    return copy


def dynamic_scorer(subject: Subject, config: DynamicConfig) -> StreamScorer:
    """Compute the statistics of the training text; return a function that scores a text by dynamic evaluation.

    The text is cut into segments. Each segment is scored first; then its gradient updates the weights, for the segments
    after it; see `Update`. The state is carried from segment to segment, and no gradient flows into an earlier segment.
    Every call of the function begins with the trained weights and the initial state.

    Raises:
        InputError: if the training text is empty, if the copies of the weights do not fit into memory, or, by the
            returned function, if a loss is not finite.
    """
    _require_memory(subject.model)
    train = read_ids(subject.tokens, "train")
    if not len(train):
        remedy = "check the corpus"
        raise InputError(subject.tokens, expected="a training text", found="an empty text", remedy=remedy)
    model = differentiable_copy(subject.model)
    weights = list(model.parameters())
    update = Update(weights, gradient_rms(model, train, batch=config.batch, segment=config.segment), config)

    def score(ids: NDArray[Any]) -> NDArray[np.float64]:
        if len(ids) == 0:
            return np.zeros(0)
        update.reset()
        state, nats = model.initial_state(1), []
        inputs, targets = (lane.to(weights[0].device) for lane in lanes(ids, batch=1))
        for piece in chunks(inputs, targets, config.segment):
            gradients, features, state = segment_gradients(model, weights, piece, state)
            nats.append(model.output.token_nats(features, piece[1])[0])
            update.apply(gradients)
        return _finite(torch.cat(nats).cpu().numpy().astype(np.float64), config)

    return score


def _finite(nats: NDArray[np.float64], config: DynamicConfig) -> NDArray[np.float64]:
    if not np.isfinite(nats).all():
        first = int(np.flatnonzero(~np.isfinite(nats))[0])
        raise InputError(
            "adapt_lm: learning_rate",
            expected="a rate with which every loss stays finite",
            found=f"{config.learning_rate}, and a loss of {nats[first]} at token {first}",
            remedy="lower it",
        )
    return nats


def _require_memory(model: LanguageModel) -> None:
    """Raise InputError if the copies of the weights do not fit into memory."""
    size = sum(weight.numel() for weight in model.parameters())
    device = next(model.parameters()).device
    require_memory({"weights of the network": size}, lambda count: 4 * COPIES * count, free_memory(device))
