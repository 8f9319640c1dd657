"""Attention of a decoder over encoder states: scores, masked softmax, weighted average.

    e_{t,i} = score(s_t, h_i)
    alpha_t = softmax(e_t), over the positions i where the mask is True
    c_t = sum_i alpha_{t,i} h_i

The query `s` has the shape (B, T, Q), and the memory `h` has the shape (B, S, M). The scores `e` and the weights
`alpha` have the shape (B, T, S), and the context `c` has the shape (B, T, M). A mask is True at positions that may be
attended to.
"""

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping

import torch
from torch import Tensor, nn


class Score(nn.Module, ABC):
    """Attention score: a number for every pair of a decoder state and a memory position."""

    def __init__(self, query_width: int, memory_width: int) -> None:
        """Initialise the weights of a score for queries of width Q and a memory of width M."""
        super().__init__()

    def keys(self, memory: Tensor) -> Tensor:
        """Compute the part of the score that depends only on the memory, (B, S, M).

        This part is the same for all queries, so one call per source is enough.
        """
        return memory

    @abstractmethod
    def forward(self, query: Tensor, keys: Tensor) -> Tensor:
        """Return the scores `e`, (B, T, S), of queries, (B, T, Q). The method `keys` returns the argument `keys`."""


class Dot(Score):
    """Dot-product score, `e = s . h`, for queries and memories of the same width.

    Source: Luong et al. (2015), Effective Approaches to Attention-based Neural Machine Translation, eq. 8.
    """

    def __init__(self, query_width: int, memory_width: int) -> None:
        super().__init__(query_width, memory_width)
        if query_width != memory_width:
            raise ValueError(
                f"a dot product needs states of the same width, found {query_width} and {memory_width}; "
                "use the score 'general'"
            )

    def forward(self, query: Tensor, keys: Tensor) -> Tensor:
        """Return the dot products of queries and keys."""
        return query @ keys.mT


class ScaledDot(Dot):
    """Scaled dot-product score: `e = s . h / sqrt(M)`.

    M is the width of the states. If the entries of the states have variance 1, the division gives `e` variance 1.

    Source: Vaswani et al. (2017), Attention Is All You Need, eq. 1.
    """

    def forward(self, query: Tensor, keys: Tensor) -> Tensor:
        """Return the dot products of queries and keys, divided by `sqrt(M)`."""
        return query @ keys.mT / math.sqrt(keys.shape[-1])


class General(Score):
    """General score, which has a matrix W between query and memory: `e = s . (W h)`.

    Source: Luong et al. (2015), eq. 8.
    """

    def __init__(self, query_width: int, memory_width: int) -> None:
        super().__init__(query_width, memory_width)
        self.project = nn.Linear(memory_width, query_width, bias=False)

    def keys(self, memory: Tensor) -> Tensor:
        """Return the keys `W h`, (B, S, Q)."""
        projected: Tensor = self.project(memory)
        return projected

    def forward(self, query: Tensor, keys: Tensor) -> Tensor:
        """Return the dot products of queries and keys."""
        return query @ keys.mT


class Additive(Score):
    """Additive score: `e = v . tanh(W s + U h)`. The hidden layer has the width of the query.

    Source: Bahdanau et al. (2015), Neural Machine Translation by Jointly Learning to Align and Translate, section
    A.1.2.
    """

    def __init__(self, query_width: int, memory_width: int) -> None:
        super().__init__(query_width, memory_width)
        self.project_query = nn.Linear(query_width, query_width, bias=False)  # the bias of `project_memory` is enough
        self.project_memory = nn.Linear(memory_width, query_width)
        self.v = nn.Linear(query_width, 1, bias=False)

    def keys(self, memory: Tensor) -> Tensor:
        """Return the keys `U h`, (B, S, Q)."""
        projected: Tensor = self.project_memory(memory)
        return projected

    def forward(self, query: Tensor, keys: Tensor) -> Tensor:
        """Return the scores `v . tanh(W query + key)`."""
        hidden = torch.tanh(self.project_query(query)[:, :, None] + keys[:, None])  # (B, T, S, Q)
        scores: Tensor = self.v(hidden).squeeze(-1)  # (B, T, S)
        return scores


SCORES: Mapping[str, type[Score]] = {"dot": Dot, "scaled_dot": ScaledDot, "general": General, "additive": Additive}
"""Dict from the name of a score to its class."""


def masked_softmax(scores: Tensor, mask: Tensor) -> Tensor:
    """Apply the softmax to the positions where the mask is True; all other positions get weight zero.

        alpha_i = exp(e_i) / Z where mask_i is True, and 0 elsewhere. Z is the sum of exp(e_j) where mask_j is True.

    Args:
        scores: e, float (..., S).
        mask: bool, broadcastable to `scores`. Every row needs at least one True.
    Returns:
        Weights, float (..., S). Every row sums to 1.
    """
    # exp(-inf) is exactly 0. A row without any True would become NaN.
    return scores.masked_fill(~mask, -math.inf).softmax(dim=-1)


def attend(scores: Tensor, memory: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
    """Compute attention weights from scores, and average the memory with these weights.

    Args:
        scores: e, float (B, T, S).
        memory: h, float (B, S, M).
        mask: bool (B, S), True at tokens and False at padding.
    Returns:
        context: c_t = sum_i alpha_{t,i} h_i, (B, T, M).
        weights: alpha, (B, T, S).
    """
    weights = masked_softmax(scores, mask[:, None])
    return weights @ memory, weights
