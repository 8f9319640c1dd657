"""Embeddings of language models, and the output layer of all models."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

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


class OutputLayer(nn.Module):
    """Output layer: `logits = U h + c`. PAD and BOS are never predicted, so their logits are -inf.

    If `tied` is true, the matrix `U` is the matrix `E` of the input embedding. If `h` and the embedding then have
    different widths, a matrix `P` projects `h`: `logits = E P h + c`.

    Source: Press and Wolf (2017), Using the output embedding to improve language models.
    """

    never: Tensor
    """Vector (V,) that is -inf at PAD and BOS, and 0 elsewhere. It is added to the logits."""

    def __init__(self, width: int, embedding: nn.Embedding, *, tied: bool) -> None:
        super().__init__()
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

    def forward(self, hidden: Tensor) -> Tensor:
        """Return the logits (..., V) of hidden states (..., H)."""
        if self.projection is not None:
            hidden = self.projection(hidden)
        # Added to the bias, `never` costs V additions; added to the logits, it would cost B T V.
        return F.linear(hidden, self.weight, self.bias + self.never)
