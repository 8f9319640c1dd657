"""The Transformer's parts: positions, attention with a key-value cache, pre-norm blocks.

Departures from Vaswani et al. (2017), Attention is all you need: layers are normalised before a sublayer,
not after it, and once more at the end (Xiong et al. 2020); the inner nonlinearity is GELU; attention
weights are not dropped out, so that the fused kernel serves.
"""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

KeyValues = tuple[Tensor, Tensor]
"""Keys and values of one attention, each (B, heads, S, D / heads)."""


def sinusoidal_positions(length: int, width: int) -> Tensor:
    """Return fixed position vectors, float (length, D), D even.

    p[t, 2i] = sin(t / 10000^(2i/D)), p[t, 2i+1] = cos(t / 10000^(2i/D))

    Source: Vaswani et al. (2017), section 3.5.
    """
    if torch.get_default_device().type == "meta":  # weighed, not used: see `gradus.runtime.weightless`
        return torch.empty(length, width)
    rates = torch.exp(torch.arange(0, width, 2) * (-math.log(10000.0) / width))
    angles = torch.arange(length)[:, None] * rates  # (length, D / 2)
    return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(1)


def causal_mask(queries: int, keys: int, device: torch.device) -> Tensor:
    """Return bool (queries, keys), True where a query may attend: the queries are the last of the keys."""
    return torch.ones(queries, keys, dtype=torch.bool, device=device).tril(keys - queries)


def _split(x: Tensor, heads: int) -> Tensor:
    return x.view(*x.shape[:2], heads, -1).transpose(1, 2)  # (B, heads, T, D / heads)


def _merge(x: Tensor) -> Tensor:
    return x.transpose(1, 2).flatten(2)  # (B, T, D)


class SelfAttention(nn.Module):
    """head = softmax(Q K^T / sqrt(D / heads)) V with Q, K, V = W_q x, W_k x, W_v x; heads joined by W_o."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """Attend in both directions.

        Args:
            x: (B, S, D).
            mask: bool (B, S), True = may be attended to; at least one True a row.
        Returns:
            (B, S, D).
        """
        q, k, v = (_split(part, self.heads) for part in self.qkv(x).chunk(3, dim=-1))
        return self._out(F.scaled_dot_product_attention(q, k, v, attn_mask=mask[:, None, None, :]))

    def causal(self, x: Tensor, cache: KeyValues | None) -> tuple[Tensor, KeyValues]:
        """Attend to the cached positions and, of x, to each position's own and those before it.

        Args:
            x: (B, T, D), the T positions after those in the cache.
            cache: keys and values of the positions before; None: there are none.
        Returns:
            (B, T, D), and the cache with these positions added.
        """
        q, k, v = (_split(part, self.heads) for part in self.qkv(x).chunk(3, dim=-1))
        if cache is None:
            return self._out(F.scaled_dot_product_attention(q, k, v, is_causal=True)), (k, v)
        k, v = torch.cat([cache[0], k], dim=2), torch.cat([cache[1], v], dim=2)
        queries, keys = q.shape[2], k.shape[2]
        mask = causal_mask(queries, keys, x.device) if queries > 1 else None
        return self._out(F.scaled_dot_product_attention(q, k, v, attn_mask=mask)), (k, v)

    def _out(self, heads: Tensor) -> Tensor:
        attended: Tensor = self.out(_merge(heads))
        return attended


class CrossAttention(nn.Module):
    """As self-attention, with Q from the decoder and K, V from the encoder's memory."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.query = nn.Linear(width, width)
        self.key_value = nn.Linear(width, 2 * width)
        self.out = nn.Linear(width, width)

    def project(self, memory: Tensor) -> KeyValues:
        """Return keys and values of the memory, (B, S, D): once per source sentence, not once per step."""
        k, v = (_split(part, self.heads) for part in self.key_value(memory).chunk(2, dim=-1))
        return k, v

    def forward(self, x: Tensor, memory: KeyValues, mask: Tensor) -> Tensor:
        """Attend from x, (B, T, D), to the projected memory where mask, bool (B, S), is True: (B, T, D)."""
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
        """Return (B, T, D) of x, (B, T, D), each position by itself."""
        y: Tensor = self.out(F.gelu(self.inner(x)))
        return y


class EncoderBlock(nn.Module):
    """x <- x + attention(norm(x)); x <- x + feedforward(norm(x))."""

    def __init__(self, width: int, heads: int, feedforward: int, dropout: float) -> None:
        super().__init__()
        self.norm_attention = nn.LayerNorm(width)
        self.attention = SelfAttention(width, heads)
        self.norm_feedforward = nn.LayerNorm(width)
        self.feedforward = FeedForward(width, feedforward)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """Return (B, S, D) of x, (B, S, D); mask as in `SelfAttention`."""
        x = x + self.dropout(self.attention(self.norm_attention(x), mask))
        y: Tensor = x + self.dropout(self.feedforward(self.norm_feedforward(x)))
        return y


class CausalBlock(nn.Module):
    """An encoder block that looks back only: all there is to a decoder-only language model."""

    def __init__(self, width: int, heads: int, feedforward: int, dropout: float) -> None:
        super().__init__()
        self.norm_attention = nn.LayerNorm(width)
        self.attention = SelfAttention(width, heads)
        self.norm_feedforward = nn.LayerNorm(width)
        self.feedforward = FeedForward(width, feedforward)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor, cache: KeyValues | None) -> tuple[Tensor, KeyValues]:
        """Return (B, T, D) of x, (B, T, D), and the cache; see `SelfAttention.causal`."""
        attended, cache = self.attention.causal(self.norm_attention(x), cache)
        x = x + self.dropout(attended)
        return x + self.dropout(self.feedforward(self.norm_feedforward(x))), cache


class DecoderBlock(nn.Module):
    """A causal block with attention over the encoder's memory between its two sublayers."""

    def __init__(self, width: int, heads: int, feedforward: int, dropout: float) -> None:
        super().__init__()
        self.norm_attention = nn.LayerNorm(width)
        self.attention = SelfAttention(width, heads)
        self.norm_cross = nn.LayerNorm(width)
        self.cross = CrossAttention(width, heads)
        self.norm_feedforward = nn.LayerNorm(width)
        self.feedforward = FeedForward(width, feedforward)
        self.dropout = nn.Dropout(dropout)

    def forward(
        self, x: Tensor, cache: KeyValues | None, memory: KeyValues, memory_mask: Tensor
    ) -> tuple[Tensor, KeyValues]:
        """Decode some positions.

        Args:
            x: (B, T, D), the T positions after those in the cache.
            cache: this block's own keys and values; None at the first position.
            memory: `cross.project(encoder outputs)`.
            memory_mask: bool (B, S), True = may be attended to.
        Returns:
            (B, T, D), and the cache with these positions added.
        """
        attended, cache = self.attention.causal(self.norm_attention(x), cache)
        x = x + self.dropout(attended)
        x = x + self.dropout(self.cross(self.norm_cross(x), memory, memory_mask))
        return x + self.dropout(self.feedforward(self.norm_feedforward(x))), cache


def initialize(module: nn.Module, layers: int) -> None:
    """Draw a Transformer's weights: normal, deviation 0.02; what enters the residual stream 0.02 / sqrt(2 L).

    Biases start at zero, gains at one.

    Source: Radford et al. (2019), Language models are unsupervised multitask learners, section 2.3.
    """
    for part in module.modules():
        if isinstance(part, nn.Linear):
            nn.init.normal_(part.weight, std=0.02)
            nn.init.zeros_(part.bias)
    for part in module.modules():
        if isinstance(part, SelfAttention | CrossAttention | FeedForward):
            nn.init.normal_(part.out.weight, std=0.02 / math.sqrt(2 * layers))
