"""Attention of a decoder over a memory: score, masked softmax, weighted sum.

    e_{t,i} = score(s_t, h_i);  alpha_t = softmax(e_t) over the i that the mask allows;  c_t = sum_i alpha_{t,i} h_i

Shapes: query s (B, T, Q), memory h (B, S, M), scores and weights (B, T, S), context (B, T, M).
Masks are boolean, True where a position may be attended to.
"""

import math
from typing import Literal

import torch
from torch import Tensor, nn

ScoreKind = Literal["dot", "scaled_dot", "general", "additive"]


class Score(nn.Module):
    """How well a decoder state fits every position of the memory."""

    def keys(self, memory: Tensor) -> Tensor:
        """Return what the score needs of the memory (B, S, M), computed once for all decoder steps."""
        return memory

    def forward(self, query: Tensor, keys: Tensor) -> Tensor:
        """Return the scores e (B, T, S) of queries (B, T, Q) against `keys(memory)`."""
        raise NotImplementedError


class Dot(Score):
    """e = s . h, for states and memory of one width.

    Source: Luong et al. (2015), Effective Approaches to Attention-based Neural Machine Translation, eq. 8.
    """

    def forward(self, query: Tensor, keys: Tensor) -> Tensor:
        """Return query . key."""
        return query @ keys.mT


class ScaledDot(Score):
    """e = s . h / sqrt(M), which keeps the variance of e at 1 for states of unit variance.

    Source: Vaswani et al. (2017), Attention Is All You Need, eq. 1.
    """

    def forward(self, query: Tensor, keys: Tensor) -> Tensor:
        """Return query . key / sqrt(width)."""
        return query @ keys.mT / math.sqrt(keys.shape[-1])


class General(Score):
    """e = s . (W h).

    Source: Luong et al. (2015), eq. 8.
    """

    def __init__(self, query_width: int, memory_width: int) -> None:
        super().__init__()
        self.project = nn.Linear(memory_width, query_width, bias=False)

    def keys(self, memory: Tensor) -> Tensor:
        """Return W h (B, S, Q)."""
        projected: Tensor = self.project(memory)
        return projected

    def forward(self, query: Tensor, keys: Tensor) -> Tensor:
        """Return query . key."""
        return query @ keys.mT


class Additive(Score):
    """e = v . tanh(W s + U h), the hidden layer as wide as the query.

    Source: Bahdanau et al. (2015), Neural Machine Translation by Jointly Learning to Align and
    Translate, section A.1.2.
    """

    def __init__(self, query_width: int, memory_width: int) -> None:
        super().__init__()
        self.project_query = nn.Linear(query_width, query_width, bias=False)
        self.project_memory = nn.Linear(memory_width, query_width)
        self.v = nn.Linear(query_width, 1, bias=False)

    def keys(self, memory: Tensor) -> Tensor:
        """Return U h (B, S, Q)."""
        projected: Tensor = self.project_memory(memory)
        return projected

    def forward(self, query: Tensor, keys: Tensor) -> Tensor:
        """Return v . tanh(W query + key)."""
        hidden = torch.tanh(self.project_query(query)[:, :, None] + keys[:, None])  # (B, T, S, Q)
        scores: Tensor = self.v(hidden).squeeze(-1)  # (B, T, S)
        return scores


def build_score(kind: ScoreKind, query_width: int, memory_width: int) -> Score:
    """Return the score function of a kind.

    Raises:
        ValueError: if a dot product is asked for between vectors of unequal widths.
    """
    if kind in ("dot", "scaled_dot") and query_width != memory_width:
        raise ValueError(f"{kind} needs states of one width, not {query_width} and {memory_width}; use general")
    match kind:
        case "dot":
            return Dot()
        case "scaled_dot":
            return ScaledDot()
        case "general":
            return General(query_width, memory_width)
        case "additive":
            return Additive(query_width, memory_width)


def masked_softmax(scores: Tensor, mask: Tensor) -> Tensor:
    """Normalise scores over the positions that a mask allows; the others get exactly zero.

    alpha_i = [mask_i] exp(e_i) / sum over j with mask_j of exp(e_j)

    Args:
        scores: e, float (..., S).
        mask: bool, broadcastable to `scores`; every row allows one position at least.
    Returns:
        Weights of the shape of `scores`; every row sums to 1.
    """
    return scores.masked_fill(~mask, -math.inf).softmax(dim=-1)


def attend(scores: Tensor, memory: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
    """Read a memory by scores.

    Args:
        scores: e, float (B, T, S).
        memory: h, float (B, S, M).
        mask: bool (B, S), True where there is a token.
    Returns:
        context: c_t = sum_i alpha_{t,i} h_i, (B, T, M).
        weights: alpha, (B, T, S).
    """
    weights = masked_softmax(scores, mask[:, None])
    return weights @ memory, weights
