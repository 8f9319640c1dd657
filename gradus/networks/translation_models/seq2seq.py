"""Recurrent encoder-decoders: one context for the whole source, or attention at every step."""

from typing import Annotated, Literal, cast

import torch
from pydantic import Field
from pydantic.dataclasses import dataclass
from torch import Tensor, nn

from gradus.interfaces.state import State
from gradus.interfaces.translator import Memory, Translator
from gradus.layers.attention import Score, ScoreKind, attend, build_score
from gradus.layers.cells import Cell, GRUCell, LSTMCell, RNNCell
from gradus.layers.output import OutputLayer
from gradus.networks.translation_models.encoder import CellKind, Encoder, build_recurrence
from gradus.networks.translation_models.parts import Sizes, build_embeddings, initialize, token_mask
from gradus.params import STRICT


@dataclass(frozen=True, kw_only=True, config=STRICT)
class AttentionConfig:
    """How the decoder reads the memory."""

    score: ScoreKind
    position: Literal["before", "after"]
    """`before`: read with s_{t-1}, into the recurrence; `after`: read with s_t, beside it."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Seq2SeqConfig:
    """Settings of a recurrent encoder-decoder."""

    kind: Literal["recurrent"]
    cell: CellKind
    bidirectional: bool
    """The encoder reads in both directions, each with half of `hidden`."""
    embedding: Annotated[int, Field(ge=1, le=10**9)]
    hidden: Annotated[int, Field(ge=2, le=10**9, multiple_of=2)]
    layers: Annotated[int, Field(ge=1, le=1000)]
    """Of the encoder and of the decoder."""
    dropout: Annotated[float, Field(ge=0, lt=1)]
    """Of embeddings, between layers, and of what the output layer reads."""
    tied: bool
    """One matrix embeds source and target and weighs the output; needs a joint vocabulary."""
    packed: bool
    """Pack the encoder's batches: the same result, padding skipped instead of masked."""
    attention: Literal["none"] | AttentionConfig


class Seq2Seq(Translator):
    """Encoder h, decoder s, context c_t, and P(y_t | y_{<t}, x) = softmax(U tanh(W_o [s_t ; c_t]) + b).

    h_1 .. h_S = encoder(x), s_0 = the encoder's last state, layer by layer, and then by `attention`:
      none    c_t = h_S, its last state        s_t = f([e(y_{t-1}) ; c_t], s_{t-1})
      before  c_t = attend(s_{t-1}, h)         s_t = f([e(y_{t-1}) ; c_t], s_{t-1})
      after   s_t = f(e(y_{t-1}), s_{t-1})     c_t = attend(s_t, h)

    `none` is Cho et al. (2014), Learning phrase representations using RNN encoder-decoder; `before` is
    Bahdanau et al. (2015), Neural machine translation by jointly learning to align and translate, with
    the state of the first layer doing the reading, as in Wu et al. (2016), where there are several;
    `after` is Luong et al. (2015), Effective approaches to attention-based neural machine translation,
    without input feeding, so that the recurrence needs no attention and runs over all steps at once.

    Departures, the same for all three so that only the context differs: the output reads s_t and c_t
    through Luong's tanh layer (eq. 5), not Cho's and Bahdanau's maxout, which reads y_{t-1} too; s_0 is
    handed on as it is, and the LSTM's cell starts at zero; the GRU resets after the product, as its
    fused kernel does.
    """

    def __init__(self, config: Seq2SeqConfig, sizes: Sizes) -> None:
        super().__init__()
        self.config = config
        self.vocabulary_size = sizes.tgt
        width, hidden = config.embedding, config.hidden
        self.src_embedding, self.tgt_embedding = build_embeddings(sizes, width, tied=config.tied)
        directions = 2 if config.bidirectional else 1
        self.encoder = Encoder(config.cell, width, hidden, layers=config.layers, directions=directions)
        reads_context = self.position in ("none", "before")
        inputs = width + hidden if reads_context else width
        self.first = (
            _build_cell(config.cell, inputs, hidden)
            if self.position == "before"
            else build_recurrence(config.cell, inputs, hidden)
        )
        self.upper = nn.ModuleList(build_recurrence(config.cell, hidden, hidden) for _ in range(config.layers - 1))
        self.score = Score() if config.attention == "none" else build_score(config.attention.score, hidden, hidden)
        self.readout = nn.Linear(2 * hidden, width)
        for part in (self.encoder, self.first, self.upper, self.score, self.readout):
            initialize(part)
        self.output = OutputLayer(width, self.tgt_embedding, tied=config.tied)
        self.dropout = nn.Dropout(config.dropout)

    @property
    def position(self) -> Literal["none", "before", "after"]:
        """Where the context is read."""
        return "none" if self.config.attention == "none" else self.config.attention.position

    def encode(self, src: Tensor, src_lengths: Tensor) -> Memory:
        """Return states (B, S, H) and their keys or, without attention, the one context (B, 1, H)."""
        embedded = self.dropout(self.src_embedding(src))  # (B, S, E)
        states, last = self.encoder(embedded, src_lengths, self.dropout, packed=self.config.packed)
        start = (last, torch.zeros_like(last)) if self.config.cell == "lstm" else (last,)
        mask = token_mask(src_lengths.to(src.device), src.shape[1])
        if self.position == "none":
            return Memory(mask, (last[:, -1:],), start)
        return Memory(mask, (states, self.score.keys(states)), start)

    def advance(self, tgt_in: Tensor, memory: Memory, state: State) -> tuple[Tensor, State]:
        """See `Translator`; state (h,) or (h, c), each (B, L, H)."""
        features, _, state = self._read(tgt_in, memory, state)
        return features, state

    def attention(self, tgt_in: Tensor, memory: Memory) -> Tensor:
        """Return the weights alpha (B, T, S).

        Raises:
            ValueError: if the model has no attention.
        """
        if self.position == "none":
            raise ValueError("a model without attention has no attention weights")
        return self._read(tgt_in, memory, memory.start)[1]

    def _read(self, tgt_in: Tensor, memory: Memory, state: State) -> tuple[Tensor, Tensor, State]:
        """Return features (B, T, E), attention weights (B, T, S) and the state after the last token."""
        embedded = self.dropout(self.tgt_embedding(tgt_in))  # (B, T, E)
        below = tuple(part[:, 0] for part in state)  # of the first layer, each (B, H)
        weights = memory.mask.new_zeros(())
        match self.position:
            case "none":
                context = memory.read[0].expand(-1, tgt_in.shape[1], -1)  # (B, T, H)
                outputs, below = run_layer(self.first, torch.cat([embedded, context], dim=-1), below)
            case "before":
                outputs, context, weights, below = self._attend_before(embedded, memory, below)
            case "after":
                outputs, below = run_layer(self.first, embedded, below)
        final = [below]
        for depth, rnn in enumerate(self.upper, start=1):
            outputs, below = run_layer(rnn, self.dropout(outputs), tuple(part[:, depth] for part in state))
            final.append(below)
        if self.position == "after":
            states, keys = memory.read
            context, weights = attend(self.score(outputs, keys), states, memory.mask)
        joined = torch.cat([outputs, context], dim=-1)  # (B, T, 2 H)
        features = self.dropout(torch.tanh(self.readout(joined)))  # (B, T, E)
        return features, weights, tuple(torch.stack(parts, dim=1) for parts in zip(*final, strict=True))

    def _attend_before(self, embedded: Tensor, memory: Memory, state: State) -> tuple[Tensor, Tensor, Tensor, State]:
        """Loop over the steps, for each context waits for the state before it.

        The embedding's share of W [e ; c] + b is computed for all steps at once.
        """
        states, keys = memory.read
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


def run_layer(rnn: nn.Module, inputs: Tensor, state: State) -> tuple[Tensor, State]:
    """Run one fused layer over inputs (B, T, D) from (h,) or (h, c), each (B, H)."""
    parts = tuple(part[None].contiguous() for part in state)  # (1, B, H), as the kernels have it
    if len(parts) == 1:
        outputs, h = rnn(inputs, parts[0])
        return outputs, (h[0],)
    outputs, (h, c) = rnn(inputs, parts)
    return outputs, (h[0], c[0])


def _build_cell(kind: CellKind, inputs: int, hidden: int) -> Cell:
    match kind:
        case "rnn":
            return RNNCell(inputs, hidden, "tanh")
        case "gru":
            return GRUCell(inputs, hidden, "after")
        case "lstm":
            return LSTMCell(inputs, hidden)
