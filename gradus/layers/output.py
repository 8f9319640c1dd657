"""The two ends of a neural model: token ids to vectors, and vectors to logits, never for PAD and BOS."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from gradus.text.special import BOS_ID, PAD_ID


def new_embedding(vocabulary_size: int, width: int) -> nn.Embedding:
    """Return an embedding drawn from a normal of deviation 1 / sqrt(E): vectors about one long; PAD is zero.

    Torch draws with deviation 1, and Adam, whose steps are of one size, then needs thousands of them to
    turn the vectors round.
    """
    embedding = nn.Embedding(vocabulary_size, width, padding_idx=PAD_ID)
    nn.init.normal_(embedding.weight, std=1 / math.sqrt(width))
    with torch.no_grad():
        embedding.weight[PAD_ID].zero_()
    return embedding


class OutputLayer(nn.Module):
    """logits = U h + c, and -inf for PAD and BOS, which are never predicted.

    Tied, U is the input embedding E, and a width that differs is projected: logits = E P h + c.

    Source: Press and Wolf (2017), Using the output embedding to improve language models.
    """

    never: Tensor

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
        """Return logits, (..., V), of hidden states, (..., H)."""
        if self.projection is not None:
            hidden = self.projection(hidden)
        return F.linear(hidden, self.weight, self.bias + self.never)  # adding -inf here costs V, not B T V
