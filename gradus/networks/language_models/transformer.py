"""The decoder-only Transformer language model, and its settings."""

import math
from typing import Annotated, Literal

import torch
from pydantic import Field, model_validator
from pydantic.dataclasses import dataclass
from torch import Tensor, nn

from gradus.interfaces.language_model import LanguageModel
from gradus.interfaces.state import State
from gradus.layers.blocks import CausalBlock, require_heads, sinusoidal_positions
from gradus.layers.dropout import RandomZeros
from gradus.layers.initialization import init_scaled_normal
from gradus.layers.output import OutputLayer, new_embedding
from gradus.params import STRICT


@dataclass(frozen=True, kw_only=True, config=STRICT)
class TransformerConfig:
    """Settings of the decoder-only Transformer."""

    kind: Literal["transformer"]
    width: Annotated[int, Field(ge=2, le=10**9, multiple_of=2)]
    """D."""
    heads: Annotated[int, Field(ge=1, le=10**6)]
    """Number of attention heads. The width must be a multiple of this number."""
    layers: Annotated[int, Field(ge=1, le=1000)]
    """L, number of blocks."""
    feedforward: Annotated[int, Field(ge=1, le=10**9)]
    """Inner width of the feed-forward sublayers."""
    positions: Literal["learned", "sinusoidal"]
    window: Annotated[int, Field(ge=2, le=10**9)]
    """Largest number of tokens that the model reads. It is also the number of position vectors."""
    dropout: Annotated[float, Field(ge=0, lt=1)]
    """Dropout rate of the embeddings, of every sublayer's output and of the last block's output."""
    tied: bool
    """Whether the embedding and the output layer share one matrix."""

    @model_validator(mode="after")
    def _check_heads(self) -> "TransformerConfig":
        require_heads(self.width, self.heads)
        return self


class TransformerLM(LanguageModel):
    """Decoder-only Transformer language model with L causal blocks.

        x_t = blocks(sqrt(D) e(w_t) + p_t), P(w_{t+1} | the window) = softmax(U norm(x_t) + c)

    The vectors `e(w)` and `p_t` are the embedding of token `w` and of position `t`. When the window is full, a new
    window begins: the later half of the full window becomes the first half of the new window. The window cannot move
    token by token, because the positions of its tokens are fixed. So the model reads at least half a window and at most
    a whole window. Which tokens it reads depends only on the text, and not on the number of tokens per call.

    Source: Radford et al. (2018, 2019). `gradus.layers.blocks` lists the differences from the original Transformer.
    """

    positions: Tensor
    """p, (window, D)."""

    def __init__(self, config: TransformerConfig, vocabulary_size: int) -> None:
        super().__init__()
        self.vocabulary_size, self.window, self.config = vocabulary_size, config.window, config
        self.embedding = new_embedding(vocabulary_size, config.width)
        self.blocks = nn.ModuleList(
            CausalBlock(width=config.width, heads=config.heads, feedforward=config.feedforward, dropout=config.dropout)
            for _ in range(config.layers)
        )
        init_scaled_normal(self.blocks, config.layers)
        if config.positions == "learned":
            self.positions = nn.Parameter(nn.init.normal_(torch.empty(config.window, config.width), std=0.1))
        else:  # not persistent, because the positions can be computed again
            self.register_buffer("positions", sinusoidal_positions(config.window, config.width), persistent=False)
        self.norm = nn.LayerNorm(config.width)
        self.dropout = RandomZeros(config.dropout)
        self.output = OutputLayer(config.width, self.embedding, tied=config.tied, dropout=self.dropout)

    def initial_state(self, batch: int) -> State:
        """Return the state of an empty window.

        It consists of the tokens, (B, 0), and of the keys and values of each block, each (B, heads, 0, D / heads).
        """
        config, weight = self.config, self.embedding.weight
        none = weight.new_empty(batch, config.heads, 0, config.width // config.heads)
        return (torch.empty(batch, 0, dtype=torch.int64, device=weight.device), *[none] * (2 * config.layers))

    def advance(self, tokens: Tensor, state: State) -> tuple[Tensor, State]:
        """See `LanguageModel.advance`. The state holds the window's tokens and the keys and values of each block."""
        features = []
        while tokens.shape[1]:  # several rounds if a chunk goes beyond the end of the window
            if state[0].shape[1] == self.config.window:
                state = self._slide(state)
            free = self.config.window - state[0].shape[1]
            x, state = self._extend(tokens[:, :free], state)
            features.append(x)
            tokens = tokens[:, free:]
        # A single tensor is returned as it is, because `cat` would copy it.
        return torch.cat(features, dim=1) if len(features) > 1 else features[0], state

    def _slide(self, state: State) -> State:
        """Return the state of a new window that begins with the later half of the full window."""
        later = state[0][:, -(self.config.window // 2) :]
        return self._extend(later, self.initial_state(later.shape[0]))[1]

    def _extend(self, tokens: Tensor, state: State) -> tuple[Tensor, State]:
        """Append tokens that fit into the window; return the normalised outputs, (B, T, D), and the state."""
        before, *caches = state
        begin = before.shape[1]
        x = math.sqrt(self.config.width) * self.embedding(tokens) + self.positions[begin : begin + tokens.shape[1]]
        x = self.dropout(x)  # (B, T, D)
        after: list[Tensor] = [torch.cat([before, tokens], dim=1)]
        for layer, block in enumerate(self.blocks):
            # An empty cache is passed as None, because the fused kernel then applies the causal mask itself.
            cache = (caches[2 * layer], caches[2 * layer + 1]) if begin else None
            x, cache = block(x, cache)
            after.extend(cache)
        return self.norm(x), tuple(after)
