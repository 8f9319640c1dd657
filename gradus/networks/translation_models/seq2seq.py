"""Recurrent encoder-decoders: one context for the whole source, or attention at every step."""

from typing import Annotated, Literal, cast

import torch
from pydantic import Field
from pydantic.dataclasses import dataclass
from torch import Tensor, nn

from gradus.choices import NameOf
from gradus.interfaces.state import State
from gradus.interfaces.translator import Memory, Translator
from gradus.layers.initialization import draw_glorot
from gradus.layers.output import OutputLayer
from gradus.layers.recurrence.cell import Cell, run_layers
from gradus.layers.recurrence.table import CELLS
from gradus.networks.translation_models.attention import SCORES, Dot, attend
from gradus.networks.translation_models.encoder import Encoder
from gradus.networks.translation_models.parts import Sizes, build_embeddings, token_mask
from gradus.params import STRICT


@dataclass(frozen=True, kw_only=True, config=STRICT)
class AttentionConfig:
    """Settings of the decoder's attention."""

    score: Annotated[str, NameOf(SCORES)]
    position: Literal["before", "after"]
    """`before`: attend with s_{t-1}; the context is an input of the recurrence. `after`: attend with s_t; the context
    is an input of the output layer only."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Seq2SeqConfig:
    """Settings of a recurrent encoder-decoder."""

    kind: Literal["recurrent"]
    cell: Annotated[str, NameOf(CELLS)]
    bidirectional: bool
    """Whether the encoder has two directions, each with half of `hidden`."""
    embedding: Annotated[int, Field(ge=1, le=10**9)]
    """E, width of the embeddings and of the features."""
    hidden: Annotated[int, Field(ge=2, le=10**9, multiple_of=2)]
    """H, width of the states."""
    layers: Annotated[int, Field(ge=1, le=1000)]
    """L, layers of the encoder and of the decoder."""
    dropout: Annotated[float, Field(ge=0, lt=1)]
    """Dropout of embeddings, between layers, and of the features."""
    tied: bool
    """Whether one matrix is source embedding, target embedding and output layer; needs a joint vocabulary."""
    packed: bool
    """Whether the encoder leaves padding out of its computation: the same result up to rounding."""
    attention: Literal["none"] | AttentionConfig


class Seq2Seq(Translator):
    """Encoder h, decoder s, context c_t, and P(y_t | y_{<t}, x) = softmax(U tanh(W_o [s_t ; c_t]) + b).

    h_1 .. h_S = encoder(x); s_0 = the encoder's last state, layer by layer; `attention` decides the rest:
      none    c_t = h_S                        s_t = f([e(y_{t-1}) ; c_t], s_{t-1})
      before  c_t = attend(s_{t-1}, h)         s_t = f([e(y_{t-1}) ; c_t], s_{t-1})
      after   s_t = f(e(y_{t-1}), s_{t-1})     c_t = attend(s_t, h)

    `none` is Cho et al. (2014), Learning phrase representations using RNN encoder-decoder. `before` is Bahdanau et al.
    (2015), Neural machine translation by jointly learning to align and translate; with several layers, the first one
    attends, as in Wu et al. (2016). `after` is Luong et al. (2015), Effective approaches to attention-based neural
    machine translation, without input feeding: the recurrence then needs no context and runs over all steps at once.

    Departures, the same in all three, so that only the context differs: s_t and c_t go through Luong's tanh layer
    (eq. 5), where Cho and Bahdanau have maxout over y_{t-1} too; s_0 is the encoder's state without a projection, and
    the LSTM's c starts at zero; the GRU resets after the product, as its fused module does.
    """

    def __init__(self, config: Seq2SeqConfig, sizes: Sizes) -> None:
        super().__init__()
        self.config = config
        self.vocabulary_size = sizes.tgt
        self.attends = config.attention != "none"
        width, hidden, cell = config.embedding, config.hidden, CELLS[config.cell]
        self.src_embedding, self.tgt_embedding = build_embeddings(sizes, width, tied=config.tied)
        directions = 2 if config.bidirectional else 1
        self.encoder = Encoder(config.cell, width, hidden, layers=config.layers, directions=directions)
        inputs = width if self.position == "after" else width + hidden
        # With `before` the context of a step needs the state before it, so the first layer is a cell in a loop.
        self.first = cell.cell(inputs, hidden) if self.position == "before" else cell.layer(inputs, hidden)
        self.upper = nn.ModuleList(cell.layer(hidden, hidden) for _ in range(config.layers - 1))
        score = Dot if config.attention == "none" else SCORES[config.attention.score]  # Dot has no weights
        self.score = score(hidden, hidden)
        self.readout = nn.Linear(2 * hidden, width)
        for part in (self.encoder, self.first, self.upper, self.score, self.readout):
            draw_glorot(part)
        self.output = OutputLayer(width, self.tgt_embedding, tied=config.tied)
        self.dropout = nn.Dropout(config.dropout)

    @property
    def position(self) -> Literal["none", "before", "after"]:
        """Where the decoder attends."""
        return "none" if self.config.attention == "none" else self.config.attention.position

    def encode(self, src: Tensor, src_lengths: Tensor) -> Memory:
        """See `Translator`; memory: states (B, S, H) and their keys or, without attention, h_S, (B, 1, H)."""
        embedded = self.dropout(self.src_embedding(src))  # (B, S, E)
        states, last = self.encoder(embedded, src_lengths, self.dropout, packed=self.config.packed)
        start = (last, *[torch.zeros_like(last)] * (CELLS[self.config.cell].cell.states - 1))
        mask = token_mask(src_lengths.to(src.device), src.shape[1])
        if self.position == "none":
            return Memory(mask, (last[:, -1:],), start)
        return Memory(mask, (states, self.score.keys(states)), start)

    def advance(self, tgt_in: Tensor, memory: Memory, state: State) -> tuple[Tensor, State]:
        """See `Translator`; state (h,) or (h, c), each (B, L, H)."""
        features, _, state = self._advance(tgt_in, memory, state)
        return features, state

    def attention(self, tgt_in: Tensor, memory: Memory) -> Tensor:
        """See `Translator`."""
        if not self.attends:
            raise ValueError("a model without attention has no attention weights")
        return self._advance(tgt_in, memory, memory.start)[1]

    def _advance(self, tgt_in: Tensor, memory: Memory, state: State) -> tuple[Tensor, Tensor, State]:
        """Return features (B, T, E), attention weights (B, T, S) and the state after the last token."""
        embedded = self.dropout(self.tgt_embedding(tgt_in))  # (B, T, E)
        below = tuple(part[:, 0] for part in state)  # of the first layer, each (B, H)
        weights = memory.mask.new_zeros(())
        match self.position:
            case "none":
                context = memory.encoded[0].expand(-1, tgt_in.shape[1], -1)  # (B, T, H)
                outputs, below = _run_layer(self.first, torch.cat([embedded, context], dim=-1), below)
            case "before":
                outputs, context, weights, below = self._attend_before(embedded, memory, below)
            case "after":
                outputs, below = _run_layer(self.first, embedded, below)
        final = [below]
        for depth, layer in enumerate(self.upper, start=1):
            outputs, below = _run_layer(layer, self.dropout(outputs), tuple(part[:, depth] for part in state))
            final.append(below)
        if self.position == "after":
            states, keys = memory.encoded
            context, weights = attend(self.score(outputs, keys), states, memory.mask)
        joined = torch.cat([outputs, context], dim=-1)  # (B, T, 2 H)
        features = self.dropout(torch.tanh(self.readout(joined)))  # (B, T, E)
        return features, weights, tuple(torch.stack(parts, dim=1) for parts in zip(*final, strict=True))

    def _attend_before(self, embedded: Tensor, memory: Memory, state: State) -> tuple[Tensor, Tensor, Tensor, State]:
        """Run the first layer step by step; return outputs (B, T, H), contexts, weights and the last state.

        W [e ; c] + b = W_e e + b + W_c c, and W_e e + b is computed for all steps at once.
        """
        states, keys = memory.encoded
        cell = cast(Cell, self.first)
        w_embedding, w_context = torch.split(cell.w.weight, [self.config.embedding, self.config.hidden], dim=1)
        w_embedded = nn.functional.linear(embedded, w_embedding, cell.w.bias)  # (B, T, gates * H)
        outputs, contexts, weights = [], [], []
        for w_step in w_embedded.unbind(dim=1):
            scores = self.score(state[0][:, None], keys)  # (B, 1, S)
            context, weight = attend(scores, states, memory.mask)
            contexts.append(context)
            weights.append(weight)
            state = cell(w_step + nn.functional.linear(context[:, 0], w_context), state)
            outputs.append(state[0])
        return torch.stack(outputs, dim=1), torch.cat(contexts, dim=1), torch.cat(weights, dim=1), state


def _run_layer(layer: nn.Module, inputs: Tensor, state: State) -> tuple[Tensor, State]:
    """Run one layer over inputs (B, T, D) from (h,) or (h, c), each (B, H)."""
    outputs, final = run_layers(layer, inputs, tuple(part[None].contiguous() for part in state))  # (1, B, H)
    return outputs, tuple(part[0] for part in final)
