"""Layers of a Transformer: position vectors, attention with a key-value cache, encoder and decoder blocks.

The layers differ from Vaswani et al. (2017), Attention is all you need, in three ways. Layer normalisation comes before
each sublayer and once after the last block (Xiong et al. 2020). The nonlinearity is GELU. Attention weights have no
dropout, so that torch's fused kernel can be used.
"""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from gradus.layers.dropout import RandomZeros

KeyValues = tuple[Tensor, Tensor]
"""Keys and values of one attention layer, each (B, heads, S, D / heads)."""


def require_heads(width: int, heads: int) -> None:
    """Raise ValueError if the width is not a multiple of the number of heads."""
    if width % heads:
        raise ValueError(f"a width that is a multiple of the number of heads (width {width}, heads {heads})")


def sinusoidal_positions(length: int, width: int) -> Tensor:
    """Compute the fixed position vectors p, float (length, D). D must be even.

        p[t, 2i] = sin(t / 10000^(2i/D)), p[t, 2i+1] = cos(t / 10000^(2i/D))

    Source: Vaswani et al. (2017), section 3.5.
    """
    if torch.get_default_device().type == "meta":  # tensors have only a shape, see `gradus.runtime.weightless`
        return torch.empty(length, width)
    rates = torch.exp(torch.arange(0, width, 2) * (-math.log(10000.0) / width))
    angles = torch.arange(length)[:, None] * rates  # (length, D / 2)
    return torch.stack([angles.sin(), angles.cos()], dim=-1).flatten(1)


def causal_mask(queries: int, keys: int, device: torch.device) -> Tensor:
    """Return a causal mask, bool (queries, keys). It is True where a query may attend to a key.

    The sequence has `keys` positions. The queries are at the last `queries` positions.
    """
    return torch.ones(queries, keys, dtype=torch.bool, device=device).tril(keys - queries)


def _split(x: Tensor, heads: int) -> Tensor:
    return x.view(*x.shape[:2], heads, -1).transpose(1, 2)  # (B, heads, T, D / heads)


def _merge(x: Tensor) -> Tensor:
    return x.transpose(1, 2).flatten(2)  # (B, T, D)


class SelfAttention(nn.Module):
    """Multi-head self-attention.

        head_i = softmax(Q_i K_i^T / sqrt(D / heads)) V_i, output = W_o [head_1 ; head_2 ; ..]

    The matrices `Q`, `K` and `V` are linear maps of the input `x`. Their columns for head `i` are `Q_i`, `K_i`, `V_i`.
    """

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(width, 3 * width)  # one matrix product instead of three
        self.out = nn.Linear(width, width)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """Let every position attend to all positions that the mask allows.

        Args:
            x: inputs, (B, S, D).
            mask: bool (B, S), True at positions that may be attended to. Every row needs at least one True.
        Returns:
            Outputs, (B, S, D).
        """
        q, k, v = self._project(x)
        return self._out(F.scaled_dot_product_attention(q, k, v, attn_mask=mask[:, None, None, :]))

    def causal(self, x: Tensor, cache: KeyValues | None) -> tuple[Tensor, KeyValues]:
        """Let every position attend to itself and to all earlier positions, including the cached positions.

        Args:
            x: inputs at the T positions that follow the cached positions, (B, T, D).
            cache: keys and values of all earlier positions; None if x starts at the first position.
        Returns:
            Outputs, (B, T, D), and the cache extended by the T positions.
        """
        q, k, v = self._project(x)
        if cache is None:  # the kernel's own mask is right only if there are as many keys as queries
            return self._out(F.scaled_dot_product_attention(q, k, v, is_causal=True)), (k, v)
        k, v = torch.cat([cache[0], k], dim=2), torch.cat([cache[1], v], dim=2)
        queries, keys = q.shape[2], k.shape[2]
        mask = causal_mask(queries, keys, x.device) if queries > 1 else None  # the last position sees all keys
        return self._out(F.scaled_dot_product_attention(q, k, v, attn_mask=mask)), (k, v)

    def _project(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        q, k, v = (_split(part, self.heads) for part in self.qkv(x).chunk(3, dim=-1))
        return q, k, v

    def _out(self, heads: Tensor) -> Tensor:
        attended: Tensor = self.out(_merge(heads))
        return attended


class CrossAttention(nn.Module):
    """Multi-head attention with queries from the decoder, and with keys and values from the encoder's outputs."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.query = nn.Linear(width, width)
        self.key_value = nn.Linear(width, 2 * width)
        self.out = nn.Linear(width, width)

    def project(self, memory: Tensor) -> KeyValues:
        """Compute keys and values from the encoder's outputs, (B, S, D).

        Keys and values do not depend on the decoder, so one call per source sentence is enough.
        """
        k, v = (_split(part, self.heads) for part in self.key_value(memory).chunk(2, dim=-1))
        return k, v

    def forward(self, x: Tensor, memory: KeyValues, mask: Tensor) -> Tensor:
        """Let every decoder position attend to the source positions that the mask allows.

        Args:
            x: inputs of the decoder, (B, T, D).
            memory: keys and values of the source, from `project`.
            mask: bool (B, S), True at source positions that may be attended to.
        Returns:
            Outputs, (B, T, D).
        """
        q = _split(self.query(x), self.heads)
        heads = F.scaled_dot_product_attention(q, *memory, attn_mask=mask[:, None, None, :])
        attended: Tensor = self.out(_merge(heads))
        return attended


class FeedForward(nn.Module):
    """Feed-forward layer: `W_2 gelu(W_1 x + b_1) + b_2`."""

    def __init__(self, width: int, inner: int) -> None:
        super().__init__()
        self.inner = nn.Linear(width, inner)
        self.out = nn.Linear(inner, width)

    def forward(self, x: Tensor) -> Tensor:
        """Apply the layer to every position of x, (B, T, D); return (B, T, D)."""
        y: Tensor = self.out(F.gelu(self.inner(x)))
        return y


class _Block(nn.Module):
    """Transformer block: a self-attention sublayer and a feed-forward sublayer."""

    def __init__(self, *, width: int, heads: int, feedforward: int, dropout: float) -> None:
        super().__init__()
        self.norm_attention = nn.LayerNorm(width)
        self.attention = SelfAttention(width, heads)
        # Cross-attention is created here, because the order of creation decides which random numbers a weight gets.
        self._add_cross(width, heads)
        self.norm_feedforward = nn.LayerNorm(width)
        self.feedforward = FeedForward(width, feedforward)
        self.dropout = RandomZeros(dropout)

    def _add_cross(self, width: int, heads: int) -> None:
        """Create the cross-attention sublayer of a decoder block. Other blocks create nothing here."""

    def _feed_forward(self, x: Tensor) -> Tensor:
        y: Tensor = x + self.dropout(self.feedforward(self.norm_feedforward(x)))
        return y


class EncoderBlock(_Block):
    """Encoder block: `x = x + attention(norm(x))`, then `x = x + feedforward(norm(x))`."""

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """Return the outputs, (B, S, D), for inputs x, (B, S, D). `mask` is as in `SelfAttention.forward`."""
        return self._feed_forward(x + self.dropout(self.attention(self.norm_attention(x), mask)))


class CausalBlock(_Block):
    """Block of a decoder-only language model: an encoder block with causal attention."""

    def forward(self, x: Tensor, cache: KeyValues | None) -> tuple[Tensor, KeyValues]:
        """Map inputs x, (B, T, D), to outputs, (B, T, D). Return them and the cache; see `SelfAttention.causal`."""
        attended, cache = self.attention.causal(self.norm_attention(x), cache)
        return self._feed_forward(x + self.dropout(attended)), cache


class DecoderBlock(_Block):
    """Decoder block of a translation model: causal self-attention, cross-attention and a feed-forward sublayer."""

    def _add_cross(self, width: int, heads: int) -> None:
        self.norm_cross = nn.LayerNorm(width)
        self.cross = CrossAttention(width, heads)

    def forward(
        self, x: Tensor, cache: KeyValues | None, memory: KeyValues, memory_mask: Tensor
    ) -> tuple[Tensor, KeyValues]:
        """Compute the outputs at the next T positions.

        Args:
            x: inputs at the T positions that follow the cached positions, (B, T, D).
            cache: keys and values of this block's self-attention; None if x starts at the first position.
            memory: keys and values of the source, from `cross.project`.
            memory_mask: bool (B, S), True at source positions that may be attended to.
        Returns:
            Outputs, (B, T, D), and the cache extended by the T positions.
        """
        attended, cache = self.attention.causal(self.norm_attention(x), cache)
        x = x + self.dropout(attended)
        x = x + self.dropout(self.cross(self.norm_cross(x), memory, memory_mask))
        return self._feed_forward(x), cache
