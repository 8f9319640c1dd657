"""Embeddings of language models, and the output layer of all models."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from gradus.text.special import BOS_ID, PAD_ID


def new_embedding(vocabulary_size: int, width: int) -> nn.Embedding:
    """Draw an embedding from a normal of deviation 1 / sqrt(E), so that vectors have about unit length; PAD is zero.

    torch draws with deviation 1. Adam, whose steps have about the same size for all weights, would then need thousands
    of steps to change a vector's direction.
    """
    embedding = nn.Embedding(vocabulary_size, width, padding_idx=PAD_ID)
    nn.init.normal_(embedding.weight, std=1 / math.sqrt(width))
    with torch.no_grad():
        embedding.weight[PAD_ID].zero_()
    return embedding


class OutputLayer(nn.Module):
    """logits = U h + c, and -inf for PAD and BOS, which are never predicted.

    If tied, U is the input embedding E. If h then has another width than E, P projects it: logits = E P h + c.

    Source: Press and Wolf (2017), Using the output embedding to improve language models.
    """

    never: Tensor
    """-inf at PAD and BOS, 0 elsewhere, (V,)."""

    def __init__(self, width: int, embedding: nn.Embedding, *, tied: bool) -> None:
        super().__init__()
        vocabulary_size, embedding_width = embedding.weight.shape
        self.projection = nn.Linear(width, embedding_width, bias=False) if tied and width != embedding_width else None
        self.weight = embedding.weight if tied else nn.Parameter(torch.empty(vocabulary_size, width))
        if not tied:
            bound = 1 / math.sqrt(width)
            nn.init.uniform_(self.weight, -bound, bound)
        self.bias = nn.Parameter(torch.zeros(vocabulary_size))
        never = torch.zeros(vocabulary_size)
        never[[PAD_ID, BOS_ID]] = -math.inf
        self.register_buffer("never", never, persistent=False)

    def forward(self, hidden: Tensor) -> Tensor:
        """Return the logits (..., V) of hidden states (..., H)."""
        if self.projection is not None:
            hidden = self.projection(hidden)
        return F.linear(hidden, self.weight, self.bias + self.never)  # V additions here, B T V on the logits
