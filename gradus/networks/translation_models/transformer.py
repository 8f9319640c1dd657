"""The encoder-decoder Transformer."""

import math
from typing import Annotated, Literal, cast

from pydantic import Field, model_validator
from pydantic.dataclasses import dataclass
from torch import Tensor, nn

from gradus.interfaces.state import State
from gradus.interfaces.translator import Memory, Translator
from gradus.layers.blocks import DecoderBlock, EncoderBlock, KeyValues, require_heads, sinusoidal_positions
from gradus.layers.dropout import RandomZeros
from gradus.layers.initialization import init_glorot
from gradus.layers.output import OutputLayer
from gradus.networks.translation_models.attention import masked_softmax
from gradus.networks.translation_models.parts import Sizes, build_embeddings, token_mask
from gradus.params import STRICT


@dataclass(frozen=True, kw_only=True, config=STRICT)
class TranslationTransformerConfig:
    """Settings of the encoder-decoder Transformer."""

    kind: Literal["transformer"]
    width: Annotated[int, Field(ge=2, le=10**9, multiple_of=2)]
    """D."""
    heads: Annotated[int, Field(ge=1, le=10**6)]
    """Number of attention heads. The width must be a multiple of this number."""
    layers: Annotated[int, Field(ge=1, le=1000)]
    """L, number of blocks in the encoder and in the decoder."""
    feedforward: Annotated[int, Field(ge=1, le=10**9)]
    """Inner width of the feed-forward sublayers."""
    dropout: Annotated[float, Field(ge=0, lt=1)]
    """Dropout rate of the embeddings, of every sublayer's output, and of the input of the output layer."""
    tied: bool
    """Whether source embedding, target embedding and output layer share one matrix. This needs a joint vocabulary."""

    @model_validator(mode="after")
    def _check_heads(self) -> "TranslationTransformerConfig":
        require_heads(self.width, self.heads)
        return self


class TranslationTransformer(Translator):
    """Encoder-decoder Transformer with L blocks in the encoder and L blocks in the decoder.

        m = norm(encoder(sqrt(D) e(x) + p))
        s = decoder(sqrt(D) e(y) + p, m)
        P(y_t | y_{<t}, x) = softmax(U norm(s_t) + b)

    The vectors `e` are embeddings of tokens. The position vectors `p` are computed from sines and cosines, so sentences
    may have any length.

    Source: Vaswani et al. (2017), Attention is all you need. `gradus.layers.blocks` lists the differences.
    """

    def __init__(self, config: TranslationTransformerConfig, sizes: Sizes) -> None:
        super().__init__()
        self.config = config
        self.vocabulary_size = sizes.tgt
        self.src_embedding, self.tgt_embedding = build_embeddings(sizes, config.width, tied=config.tied)
        self.encoder = _blocks(EncoderBlock, config)
        self.decoder = _blocks(DecoderBlock, config)
        for blocks in (self.encoder, self.decoder):
            init_glorot(blocks)
        self.encoder_norm, self.decoder_norm = nn.LayerNorm(config.width), nn.LayerNorm(config.width)
        self.output = OutputLayer(config.width, self.tgt_embedding, tied=config.tied)
        self.dropout = RandomZeros(config.dropout)

    def encode(self, src: Tensor, src_lengths: Tensor) -> Memory:
        """See `Translator.encode`. The memory holds the keys and values for all decoder blocks."""
        mask = token_mask(src_lengths.to(src.device), src.shape[1])
        x = self._embed(self.src_embedding, src, begin=0)
        for block in self.encoder:
            x = block(x, mask)
        x = self.encoder_norm(x)  # (B, S, D)
        projected = [part for block in self._decoder_blocks() for part in block.cross.project(x)]
        return Memory(mask, tuple(projected), ())

    def advance(self, tgt_in: Tensor, memory: Memory, state: State) -> tuple[Tensor, State]:
        """See `Translator.advance`.

        The state holds keys and values of each block, (B, heads, t, D / heads). At the start, it is an empty tuple.
        """
        x = self._embed(self.tgt_embedding, tgt_in, begin=state[0].shape[2] if state else 0)
        after: list[Tensor] = []
        for depth, block in enumerate(self._decoder_blocks()):
            cache = _pair(state, depth) if state else None
            x, cache = block(x, cache, _pair(memory.encoded, depth), memory.mask)
            after.extend(cache)
        return self.dropout(self.decoder_norm(x)), tuple(after)  # (B, T, D)

    def attention(self, tgt_in: Tensor, memory: Memory) -> Tensor:
        """Return the cross-attention weights of the last block, averaged over its heads, (B, T, S)."""
        x = self._embed(self.tgt_embedding, tgt_in, begin=0)
        *lower, last = self._decoder_blocks()
        for depth, block in enumerate(lower):
            x, _ = block(x, None, _pair(memory.encoded, depth), memory.mask)
        # The fused kernel returns no weights, so they are computed here from query and keys of the last block.
        x = x + last.attention.causal(last.norm_attention(x), None)[0]
        query = last.cross.query(last.norm_cross(x)).unflatten(-1, (self.config.heads, -1)).transpose(1, 2)
        keys, _ = _pair(memory.encoded, len(lower))
        scores = query @ keys.mT / math.sqrt(keys.shape[-1])  # (B, heads, T, S)
        return masked_softmax(scores, memory.mask[:, None, None]).mean(dim=1)

    def _decoder_blocks(self) -> list[DecoderBlock]:
        return cast(list[DecoderBlock], list(self.decoder))

    def _embed(self, embedding: nn.Module, ids: Tensor, *, begin: int) -> Tensor:
        """Return the embeddings, (B, T, D), of ids, (B, T). The first id of each row is at position `begin`."""
        width = self.config.width
        positions = sinusoidal_positions(begin + ids.shape[1], width)[begin:].to(ids.device)
        embedded: Tensor = self.dropout(embedding(ids) + positions)
        return embedded


def _blocks(kind: type[EncoderBlock] | type[DecoderBlock], config: TranslationTransformerConfig) -> nn.ModuleList:
    return nn.ModuleList(
        kind(width=config.width, heads=config.heads, feedforward=config.feedforward, dropout=config.dropout)
        for _ in range(config.layers)
    )


def _pair(tensors: tuple[Tensor, ...], depth: int) -> KeyValues:
    """Return the keys and values of block `depth`."""
    return tensors[2 * depth], tensors[2 * depth + 1]
