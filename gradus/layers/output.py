"""Embeddings of language models, and the output layer of all models."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from gradus.interfaces.output import Output
from gradus.layers.precision import product_dtype
from gradus.layers.softmax_loss import softmax_blocks, softmax_loss
from gradus.text.special import BOS_ID, PAD_ID


def new_embedding(vocabulary_size: int, width: int) -> nn.Embedding:
    """Build an embedding whose vectors have a length of about 1. The vector of PAD is zero.

    The weights are normal with standard deviation `1 / sqrt(width)`. torch's default is standard deviation 1, which
    gives much longer vectors. Adam changes all weights by steps of about the same size. So it would need thousands of
    steps to change the direction of long vectors.
    """
    embedding = nn.Embedding(vocabulary_size, width, padding_idx=PAD_ID)
    nn.init.normal_(embedding.weight, std=1 / math.sqrt(width))
    with torch.no_grad():  # `normal_` has replaced the zeros that nn.Embedding writes for PAD
        embedding.weight[PAD_ID].zero_()
    return embedding


class OutputLayer(Output):
    """Output layer: `logits = U h + c`. PAD and BOS are never predicted, so their logits are -inf.

    If `tied` is true, the matrix `U` is the matrix `E` of the input embedding. If `h` and the embedding then have
    different widths, a matrix `P` projects `h`: `logits = E P h + c`.

    Source: Press and Wolf (2017), Using the output embedding to improve language models.
    """

    never: Tensor
    """Vector (V,) that is -inf at PAD and BOS, and 0 elsewhere. It is added to the logits."""

    def __init__(self, width: int, embedding: nn.Embedding, *, tied: bool, dropout: nn.Module | None = None) -> None:
        """Build the layer.

        Args:
            width: H, width of the features.
            embedding: the input embedding, (V, E).
            tied: whether the layer shares the matrix of the embedding.
            dropout: module that is applied to the features; None for no dropout.
        """
        super().__init__()
        self.width = width
        self.dropout = dropout or nn.Identity()
        vocabulary_size, embedding_width = embedding.weight.shape
        self.projection = nn.Linear(width, embedding_width, bias=False) if tied and width != embedding_width else None
        self.weight = embedding.weight if tied else nn.Parameter(torch.empty(vocabulary_size, width))
        if not tied:
            bound = 1 / math.sqrt(width)
            nn.init.uniform_(self.weight, -bound, bound)  # as torch initialises a linear layer
        self.bias = nn.Parameter(torch.zeros(vocabulary_size))
        never = torch.zeros(vocabulary_size)
        never[[PAD_ID, BOS_ID]] = -math.inf
        # The vector depends only on V, so the file of weights need not hold it (`persistent=False`).
        self.register_buffer("never", never, persistent=False)

    def forward(self, features: Tensor) -> Tensor:
        """Return the logits (..., V) of features (..., H)."""
        # Added to the bias, `never` costs V additions; added to the logits, it would cost B T V.
        return F.linear(self._inputs(features), self.weight, self.bias + self.never)

    def nll(self, features: Tensor, targets: Tensor, smoothing: float = 0.0) -> Tensor:
        """Return the total loss of all targets except PAD; see `Output.nll`."""
        x, targets = _counted(self._inputs(features), targets)
        loss = softmax_loss(x, self.weight, self.bias + self.never, targets, 1 - smoothing)
        return loss - smoothing * self._mean_logits(x) if smoothing else loss

    @torch.no_grad()
    def token_nats(self, features: Tensor, targets: Tensor) -> Tensor:
        """Return the negative log-likelihood of every target in nats, float32 (...); 0 at PAD."""
        x, flat = self._inputs(features).flatten(0, -2), targets.flatten()
        dtype = product_dtype(x)
        blocks = softmax_blocks(x, self.weight.to(dtype), self.bias + self.never, flat, dtype)
        nats = torch.cat([block.log_normalizers - block.target_logits for block in blocks])
        return nats.float().masked_fill_(flat == PAD_ID, 0.0).view_as(targets)

    def _inputs(self, features: Tensor) -> Tensor:
        """Return the inputs of the matrix, (..., E), for features, (..., H)."""
        x: Tensor = self.dropout(features)
        return x if self.projection is None else self.projection(x)

    def _mean_logits(self, x: Tensor) -> Tensor:
        """Return the sum over n of the mean of the logits of `x[n]` over all ids except PAD and BOS.

        The mean of `weight @ x + bias` is the mean weight times x, plus the mean bias. So it needs no logits.
        """
        predicted = (self.never == 0).to(x.dtype)
        share = predicted / predicted.sum()
        return x.sum(dim=0) @ (share @ self.weight) + len(x) * (share @ self.bias)


def _counted(x: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
    """Return the inputs, (N, E), and the targets, (N,), of the positions whose target is not PAD."""
    counted = targets != PAD_ID
    if counted.all():  # without a copy of the inputs
        return x.flatten(0, -2), targets.flatten()
    return x[counted], targets[counted]
