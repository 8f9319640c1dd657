"""The encoder-decoder Transformer."""

import math
from typing import Annotated, Literal, cast

from pydantic import Field, model_validator
from pydantic.dataclasses import dataclass
from torch import Tensor, nn

from gradus.interfaces.state import State
from gradus.interfaces.translator import Memory, Translator
from gradus.layers.attention import masked_softmax
from gradus.layers.blocks import DecoderBlock, EncoderBlock, KeyValues, sinusoidal_positions
from gradus.layers.output import OutputLayer
from gradus.networks.translation_models.parts import Sizes, build_embeddings, initialize, token_mask
from gradus.params import STRICT


@dataclass(frozen=True, kw_only=True, config=STRICT)
class TranslationTransformerConfig:
    """Settings of the encoder-decoder Transformer."""

    kind: Literal["transformer"]
    width: Annotated[int, Field(ge=2, le=10**9, multiple_of=2)]
    heads: Annotated[int, Field(ge=1, le=10**6)]
    layers: Annotated[int, Field(ge=1, le=1000)]
    """Blocks of the encoder and of the decoder."""
    feedforward: Annotated[int, Field(ge=1, le=10**9)]
    dropout: Annotated[float, Field(ge=0, lt=1)]
    tied: bool
    """One matrix embeds source and target and weighs the output; needs a joint vocabulary."""

    @model_validator(mode="after")
    def _check_heads(self) -> "TranslationTransformerConfig":
        if self.width % self.heads:
            raise ValueError(f"width {self.width} to be a multiple of heads {self.heads}")
        return self


class TranslationTransformer(Translator):
    """x_i = sqrt(D) e(x_i) + p_i through L encoder blocks; y likewise through L decoder blocks that read them.

    P(y_t | y_{<t}, x) = softmax(U norm(s_t) + b). Positions are sines, so no sentence is too long.

    Source: Vaswani et al. (2017), Attention is all you need; departures in `gradus.layers.blocks`.
    """

    def __init__(self, config: TranslationTransformerConfig, sizes: Sizes) -> None:
        super().__init__()
        self.config = config
        self.vocabulary_size = sizes.tgt
        self.src_embedding, self.tgt_embedding = build_embeddings(sizes, config.width, tied=config.tied)
        settings = (config.width, config.heads, config.feedforward, config.dropout)
        self.encoder = nn.ModuleList(EncoderBlock(*settings) for _ in range(config.layers))
        self.decoder = nn.ModuleList(DecoderBlock(*settings) for _ in range(config.layers))
        for blocks in (self.encoder, self.decoder):
            initialize(blocks)
        self.encoder_norm, self.decoder_norm = nn.LayerNorm(config.width), nn.LayerNorm(config.width)
        self.output = OutputLayer(config.width, self.tgt_embedding, tied=config.tied)
        self.dropout = nn.Dropout(config.dropout)

    def encode(self, src: Tensor, src_lengths: Tensor) -> Memory:
        """Return the keys and values that each decoder block reads, each (B, heads, S, D / heads)."""
        mask = token_mask(src_lengths.to(src.device), src.shape[1])
        x = self._embed(self.src_embedding, src, begin=0)
        for block in self.encoder:
            x = block(x, mask)
        x = self.encoder_norm(x)  # (B, S, D)
        read = [part for block in self._decoder_blocks() for part in block.cross.project(x)]
        return Memory(mask, tuple(read), ())

    def advance(self, tgt_in: Tensor, memory: Memory, state: State) -> tuple[Tensor, State]:
        """See `Translator`; state: keys and values of each block, (B, heads, t, D / heads); at first none."""
        x = self._embed(self.tgt_embedding, tgt_in, begin=state[0].shape[2] if state else 0)
        after: list[Tensor] = []
        for depth, block in enumerate(self._decoder_blocks()):
            cache = _pair(state, depth) if state else None
            x, cache = block(x, cache, _pair(memory.read, depth), memory.mask)
            after.extend(cache)
        return self.dropout(self.decoder_norm(x)), tuple(after)  # (B, T, D)

    def attention(self, tgt_in: Tensor, memory: Memory) -> Tensor:
        """Return the last block's attention over the memory, mean of its heads, (B, T, S)."""
        x = self._embed(self.tgt_embedding, tgt_in, begin=0)
        *lower, last = self._decoder_blocks()
        for depth, block in enumerate(lower):
            x, _ = block(x, None, _pair(memory.read, depth), memory.mask)
        x = x + last.attention.causal(last.norm_attention(x), None)[0]
        query = last.cross.query(last.norm_cross(x)).unflatten(-1, (self.config.heads, -1)).transpose(1, 2)
        keys, _ = _pair(memory.read, len(lower))
        scores = query @ keys.mT / math.sqrt(keys.shape[-1])  # (B, heads, T, S)
        return masked_softmax(scores, memory.mask[:, None, None]).mean(dim=1)

    def _decoder_blocks(self) -> list[DecoderBlock]:
        return cast(list[DecoderBlock], list(self.decoder))

    def _embed(self, embedding: nn.Module, ids: Tensor, *, begin: int) -> Tensor:
        """Return embeddings with positions, (B, T, D), of ids (B, T) at positions begin, begin + 1, ..."""
        width = self.config.width
        positions = sinusoidal_positions(begin + ids.shape[1], width)[begin:].to(ids.device)
        embedded: Tensor = self.dropout(embedding(ids) + positions)
        return embedded


def _pair(tensors: tuple[Tensor, ...], depth: int) -> KeyValues:
    """Return keys and values of one block out of those of all."""
    return tensors[2 * depth], tensors[2 * depth + 1]
