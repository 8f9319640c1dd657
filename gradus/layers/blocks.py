"""Parts of a Transformer: positions, attention with a key-value cache, blocks.

Departures from Vaswani et al. (2017), Attention is all you need: layer normalisation comes before each sublayer and
once after the last block (Xiong et al. 2020); the nonlinearity is GELU; attention weights have no dropout, so that
torch's fused kernel can be used.
"""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

KeyValues = tuple[Tensor, Tensor]
"""Keys and values of one attention, each (B, heads, S, D / heads)."""


def require_heads(width: int, heads: int) -> None:
    """Raise ValueError if the width is not a multiple of the number of heads."""
    if width % heads:
        raise ValueError(f"width {width} to be a multiple of heads {heads}")


def sinusoidal_positions(length: int, width: int) -> Tensor:
    """Compute the fixed position vectors, float (length, D), D even.

    p[t, 2i] = sin(t / 10000^(2i/D)), p[t, 2i+1] = cos(t / 10000^(2i/D))

    Source: Vaswani et al. (2017), section 3.5.
    """
    if torch.get_default_device().type == "meta":  # only the shape matters: see `gradus.runtime.weightless`
        return torch.empty(length, width)
    rates = torch.exp(torch.arange(0, width, 2) * (-math.log(10000.0) / width))
    angles = torch.arange(length)[:, None] * rates  # (length, D / 2)
    return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(1)


def causal_mask(queries: int, keys: int, device: torch.device) -> Tensor:
    """Return bool (queries, keys), True where a query may attend; the queries are the last positions of the keys."""
    return torch.ones(queries, keys, dtype=torch.bool, device=device).tril(keys - queries)


def _split(x: Tensor, heads: int) -> Tensor:
    return x.view(*x.shape[:2], heads, -1).transpose(1, 2)  # (B, heads, T, D / heads)


def _merge(x: Tensor) -> Tensor:
    return x.transpose(1, 2).flatten(2)  # (B, T, D)


class SelfAttention(nn.Module):
    """head = softmax(Q K^T / sqrt(D / heads)) V with Q, K, V = W_q x, W_k x, W_v x; W_o joins the heads."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """Attend in both directions.

        Args:
            x: (B, S, D).
            mask: bool (B, S), True = may be attended to; at least one True in every row.
        Returns:
            (B, S, D).
        """
        q, k, v = self._project(x)
        return self._out(F.scaled_dot_product_attention(q, k, v, attn_mask=mask[:, None, None, :]))

    def causal(self, x: Tensor, cache: KeyValues | None) -> tuple[Tensor, KeyValues]:
        """Attend to the cached positions and, within x, to each position itself and those before it.

        Args:
            x: (B, T, D), the T positions after those in the cache.
            cache: keys and values of the positions before; None at the first position.
        Returns:
            (B, T, D), and the cache with these positions added.
        """
        q, k, v = self._project(x)
        if cache is None:
            return self._out(F.scaled_dot_product_attention(q, k, v, is_causal=True)), (k, v)
        k, v = torch.cat([cache[0], k], dim=2), torch.cat([cache[1], v], dim=2)
        queries, keys = q.shape[2], k.shape[2]
        mask = causal_mask(queries, keys, x.device) if queries > 1 else None
        return self._out(F.scaled_dot_product_attention(q, k, v, attn_mask=mask)), (k, v)

    def _project(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        q, k, v = (_split(part, self.heads) for part in self.qkv(x).chunk(3, dim=-1))
        return q, k, v

    def _out(self, heads: Tensor) -> Tensor:
        attended: Tensor = self.out(_merge(heads))
        return attended


class CrossAttention(nn.Module):
    """Attention with Q from the decoder, and K and V from the encoder's output."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.query = nn.Linear(width, width)
        self.key_value = nn.Linear(width, 2 * width)
        self.out = nn.Linear(width, width)

    def project(self, memory: Tensor) -> KeyValues:
        """Compute keys and values of the memory, (B, S, D): once per source sentence, not once per step."""
        k, v = (_split(part, self.heads) for part in self.key_value(memory).chunk(2, dim=-1))
        return k, v

    def forward(self, x: Tensor, memory: KeyValues, mask: Tensor) -> Tensor:
        """Attend to the memory.

        Args:
            x: (B, T, D).
            memory: from `project`.
            mask: bool (B, S), True = may be attended to.
        Returns:
            (B, T, D).
        """
        q = _split(self.query(x), self.heads)
        heads = F.scaled_dot_product_attention(q, *memory, attn_mask=mask[:, None, None, :])
        attended: Tensor = self.out(_merge(heads))
        return attended


class FeedForward(nn.Module):
    """W_2 gelu(W_1 x + b_1) + b_2."""

    def __init__(self, width: int, inner: int) -> None:
        super().__init__()
        self.inner = nn.Linear(width, inner)
        self.out = nn.Linear(inner, width)

    def forward(self, x: Tensor) -> Tensor:
        """Map every position of x, (B, T, D), to (B, T, D)."""
        y: Tensor = self.out(F.gelu(self.inner(x)))
        return y


class _Block(nn.Module):
    """A self-attention and a feed-forward sublayer."""

    def __init__(self, *, width: int, heads: int, feedforward: int, dropout: float) -> None:
        super().__init__()
        self.norm_attention = nn.LayerNorm(width)
        self.attention = SelfAttention(width, heads)
        self._add_cross(width, heads)
        self.norm_feedforward = nn.LayerNorm(width)
        self.feedforward = FeedForward(width, feedforward)
        self.dropout = nn.Dropout(dropout)

    def _add_cross(self, width: int, heads: int) -> None:
        """Add a decoder's cross-attention. Weights are drawn in the order of construction, so it stands between."""

    def _feed_forward(self, x: Tensor) -> Tensor:
        y: Tensor = x + self.dropout(self.feedforward(self.norm_feedforward(x)))
        return y


class EncoderBlock(_Block):
    """x <- x + attention(norm(x)); x <- x + feedforward(norm(x))."""

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """Map x, (B, S, D), to (B, S, D); the mask is as in `SelfAttention`."""
        return self._feed_forward(x + self.dropout(self.attention(self.norm_attention(x), mask)))


class CausalBlock(_Block):
    """An encoder block whose attention is causal: the block of a decoder-only language model."""

    def forward(self, x: Tensor, cache: KeyValues | None) -> tuple[Tensor, KeyValues]:
        """Map x, (B, T, D), to (B, T, D) and extend the cache; see `SelfAttention.causal`."""
        attended, cache = self.attention.causal(self.norm_attention(x), cache)
        return self._feed_forward(x + self.dropout(attended)), cache


class DecoderBlock(_Block):
    """A causal block with cross-attention between its two sublayers."""

    def _add_cross(self, width: int, heads: int) -> None:
        self.norm_cross = nn.LayerNorm(width)
        self.cross = CrossAttention(width, heads)

    def forward(
        self, x: Tensor, cache: KeyValues | None, memory: KeyValues, memory_mask: Tensor
    ) -> tuple[Tensor, KeyValues]:
        """Decode the next positions.

        Args:
            x: (B, T, D), the T positions after those in the cache.
            cache: keys and values of this block's self-attention; None at the first position.
            memory: `cross.project(encoder outputs)`.
            memory_mask: bool (B, S), True = may be attended to.
        Returns:
            (B, T, D), and the cache with these positions added.
        """
        attended, cache = self.attention.causal(self.norm_attention(x), cache)
        x = x + self.dropout(attended)
        x = x + self.dropout(self.cross(self.norm_cross(x), memory, memory_mask))
        return self._feed_forward(x), cache
