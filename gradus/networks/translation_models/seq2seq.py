"""Recurrent encoder-decoders, without attention or with attention at every target position."""

from typing import Annotated, Literal, cast

import torch
from pydantic import Field
from pydantic.dataclasses import dataclass
from torch import Tensor, nn

from gradus.choices import NameOf
from gradus.interfaces.state import State
from gradus.interfaces.translator import Memory, Translator
from gradus.layers.dropout import RandomZeros
from gradus.layers.initialization import init_glorot
from gradus.layers.output import OutputLayer
from gradus.layers.recurrence.cell import Cell
from gradus.layers.recurrence.run import run_layers
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
    """Whether attention comes before or after the recurrence at every target position.

    `before`: the query is the previous decoder state, and the recurrence reads the context. `after`: the query is the
    new decoder state, and only the output layer reads the context.
    """


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Seq2SeqConfig:
    """Settings of a recurrent encoder-decoder."""

    kind: Literal["recurrent"]
    cell: Annotated[str, NameOf(CELLS)]
    bidirectional: bool
    """Whether the encoder has two directions. With two directions, each has the width `hidden / 2`."""
    embedding: Annotated[int, Field(ge=1, le=10**9)]
    """E, width of the embeddings, and of the features that are the input of the output layer."""
    hidden: Annotated[int, Field(ge=2, le=10**9, multiple_of=2)]
    """H, width of the states."""
    layers: Annotated[int, Field(ge=1, le=1000)]
    """L, number of layers in the encoder and in the decoder."""
    dropout: Annotated[float, Field(ge=0, lt=1)]
    """Dropout rate of the embeddings, of the states between layers, and of the features."""
    tied: bool
    """Whether source embedding, target embedding and output layer share one matrix. This needs a joint vocabulary."""
    packed: bool
    """Whether the encoder skips padding. The result is the same up to rounding."""
    attention: Literal["none"] | AttentionConfig


class Seq2Seq(Translator):
    """Recurrent encoder-decoder without attention, or with attention before or after the recurrence.

        P(y_t | y_{<t}, x) = softmax(U tanh(W_o [s_t ; c_t]) + b)

    The encoder computes the states `h_1 .. h_S`. The decoder has states `s_t` and contexts `c_t`. The last state of
    each encoder layer becomes `s_0` of the decoder layer at the same depth. The setting `attention` selects one of
    three variants:

      none    c_t = h_S                        s_t = f([e(y_{t-1}) ; c_t], s_{t-1})
      before  c_t = attend(s_{t-1}, h)         s_t = f([e(y_{t-1}) ; c_t], s_{t-1})
      after   s_t = f(e(y_{t-1}), s_{t-1})     c_t = attend(s_t, h)

    `none` is Cho et al. (2014), Learning phrase representations using RNN encoder-decoder. `before` is Bahdanau et al.
    (2015), Neural machine translation by jointly learning to align and translate. If there are several layers, the
    first layer attends, as in Wu et al. (2016). `after` is Luong et al. (2015), Effective approaches to attention-based
    neural machine translation, but without the input feeding of that paper. The recurrence of `after` does
    not need the context, so it runs over all positions at once.

    Three details differ from these papers. They are the same in all variants, so the variants differ only in their
    context. First, all variants have Luong's tanh layer (eq. 5) over `s_t` and `c_t`; Cho and Bahdanau use a maxout
    layer that also reads `y_{t-1}`. Second, the encoder's state becomes `s_0` without a projection, and the cell state
    of an LSTM starts at zero. Third, the GRU applies its reset gate after the product of matrix and state, as torch's
    fused module does.
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
        # With `before`, each context depends on the previous state. So the first layer is a cell that runs in a loop.
        self.first = cell.cell(inputs, hidden) if self.position == "before" else cell.layer(inputs, hidden)
        self.upper = nn.ModuleList(cell.layer(hidden, hidden) for _ in range(config.layers - 1))
        score = Dot if config.attention == "none" else SCORES[config.attention.score]  # Dot has no weights
        self.score = score(hidden, hidden)
        self.readout = nn.Linear(2 * hidden, width)
        for part in (self.encoder, self.first, self.upper, self.score, self.readout):
            init_glorot(part)
        self.output = OutputLayer(width, self.tgt_embedding, tied=config.tied)
        self.dropout = RandomZeros(config.dropout)

    @property
    def position(self) -> Literal["none", "before", "after"]:
        """Whether attention comes `before` or `after` the recurrence; `none` if there is no attention."""
        return "none" if self.config.attention == "none" else self.config.attention.position

    def encode(self, src: Tensor, src_lengths: Tensor) -> Memory:
        """See `Translator.encode`.

        The memory consists of the states, (B, S, H), and their attention keys. Without attention, the memory is only
        the last state, (B, 1, H).
        """
        embedded = self.dropout(self.src_embedding(src))  # (B, S, E)
        states, last = self.encoder(embedded, src_lengths, self.dropout, packed=self.config.packed)
        # The LSTM's c starts at zero, because the encoder returns only h.
        start = (last, *[torch.zeros_like(last)] * (CELLS[self.config.cell].cell.states - 1))
        mask = token_mask(src_lengths.to(src.device), src.shape[1])
        if self.position == "none":
            return Memory(mask, (last[:, -1:],), start)
        return Memory(mask, (states, self.score.keys(states)), start)

    def advance(self, tgt_in: Tensor, memory: Memory, state: State) -> tuple[Tensor, State]:
        """See `Translator.advance`. The state is `(h,)` or `(h, c)`; each tensor is (B, L, H)."""
        features, _, state = self._advance(tgt_in, memory, state)
        return features, state

    def attention(self, tgt_in: Tensor, memory: Memory) -> Tensor:
        """See `Translator`."""
        if not self.attends:
            raise ValueError("a model without attention has no attention weights")
        return self._advance(tgt_in, memory, memory.start)[1]

    def _advance(self, tgt_in: Tensor, memory: Memory, state: State) -> tuple[Tensor, Tensor, State]:
        """Return the features (B, T, E), the attention weights (B, T, S), and the state after the last token."""
        embedded = self.dropout(self.tgt_embedding(tgt_in))  # (B, T, E)
        below = tuple(part[:, 0] for part in state)  # state of the first layer, each (B, H)
        weights = memory.mask.new_zeros(())  # stays if the position is `none`
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
        """Run the first layer with its attention, position by position.

        The product `W [e ; c] + b` is computed as `(W_e e + b) + W_c c`. The part in parentheses does not depend on the
        state, so it is computed for all positions at once.

        Returns:
            Outputs (B, T, H), contexts (B, T, H), attention weights (B, T, S), and the last state.
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
    """Run one layer over inputs, (B, T, D). The initial state is `(h,)` or `(h, c)`; each tensor is (B, H)."""
    # (1, B, H) each; cuDNN needs contiguous states.
    outputs, final = run_layers(layer, inputs, tuple(part[None].contiguous() for part in state))
    return outputs, tuple(part[0] for part in final)
