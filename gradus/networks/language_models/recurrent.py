"""RNN, GRU and LSTM language models: state in, state out."""

from typing import Annotated, Literal

from pydantic import Field
from pydantic.dataclasses import dataclass
from torch import Tensor, nn

from gradus.interfaces.language_model import LanguageModel
from gradus.interfaces.state import State
from gradus.layers.cells import CellStack, GRUCell
from gradus.layers.output import OutputLayer, new_embedding
from gradus.params import STRICT


@dataclass(frozen=True, kw_only=True, config=STRICT)
class RecurrentConfig:
    """What the three recurrences share."""

    embedding: Annotated[int, Field(ge=1, le=10**9)]
    hidden: Annotated[int, Field(ge=1, le=10**9)]
    layers: Annotated[int, Field(ge=1, le=1000)]
    dropout: Annotated[float, Field(ge=0, lt=1)]
    """Of embeddings, between layers, and of the top layer's h."""
    tied: bool


@dataclass(frozen=True, kw_only=True, config=STRICT)
class RNNConfig(RecurrentConfig):
    """h_t = f(W x_t + U h_{t-1} + b)."""

    kind: Literal["rnn"]
    nonlinearity: Literal["tanh", "relu"]


@dataclass(frozen=True, kw_only=True, config=STRICT)
class GRUConfig(RecurrentConfig):
    """The gated recurrent unit, its reset before or after the product with U_h."""

    kind: Literal["gru"]
    reset: Literal["before", "after"]


@dataclass(frozen=True, kw_only=True, config=STRICT)
class LSTMConfig(RecurrentConfig):
    """Long short-term memory."""

    kind: Literal["lstm"]


class RecurrentLM(LanguageModel):
    """x_t = e(w_t), h_t = recurrence(x_t, h_{t-1}), P(w_{t+1} | w_1 .. w_t) = softmax(U h_t + c), h_0 = 0.

    Fused kernels compute the recurrence, save the GRU that resets before the product, for which none
    exists; `gradus.layers.cells` writes all of them out.

    Source: Mikolov et al. (2010), Recurrent neural network based language model. Dropout is on
    non-recurrent connections only: Zaremba et al. (2014), Recurrent neural network regularization.
    """

    def __init__(self, config: RNNConfig | GRUConfig | LSTMConfig, vocabulary_size: int) -> None:
        super().__init__()
        self.vocabulary_size = vocabulary_size
        self.config = config
        self.embedding = new_embedding(vocabulary_size, config.embedding)
        self.recurrence = _recurrence(config)
        self.output = OutputLayer(config.hidden, self.embedding, tied=config.tied)
        self.dropout = nn.Dropout(config.dropout)

    def initial_state(self, batch: int) -> State:
        """Return (h,) or (h, c), zeros (B, L, H)."""
        zeros = self.embedding.weight.new_zeros(batch, self.config.layers, self.config.hidden)
        return (zeros, zeros) if self.config.kind == "lstm" else (zeros,)

    def forward(self, tokens: Tensor, state: State) -> tuple[Tensor, State]:
        """See `LanguageModel`; state (h,) or (h, c), each (B, L, H)."""
        x = self.dropout(self.embedding(tokens))  # (B, T, E)
        h, state = self._run(x, tuple(part.transpose(0, 1).contiguous() for part in state))  # (B, T, H)
        return self.output(self.dropout(h)), tuple(part.transpose(0, 1) for part in state)  # (B, T, V)

    def _run(self, x: Tensor, state: State) -> tuple[Tensor, State]:
        """Call the kernel, whose states are (L, B, H): a bare h where there is no c."""
        if isinstance(self.recurrence, nn.RNN | nn.GRU):
            h, final = self.recurrence(x, state[0])
            return h, (final,)
        h, final = self.recurrence(x, state)
        return h, final


def _recurrence(config: RNNConfig | GRUConfig | LSTMConfig) -> nn.Module:
    sizes, layers = (config.embedding, config.hidden), config.layers
    between = config.dropout if layers > 1 else 0.0  # torch warns of dropout that has no place to go
    match config:
        case RNNConfig():
            return nn.RNN(*sizes, layers, nonlinearity=config.nonlinearity, batch_first=True, dropout=between)
        case GRUConfig(reset="after"):
            return nn.GRU(*sizes, layers, batch_first=True, dropout=between)
        case GRUConfig():
            widths = [config.embedding, *[config.hidden] * (layers - 1)]
            return CellStack([GRUCell(width, config.hidden, "before") for width in widths], between)
        case LSTMConfig():
            return nn.LSTM(*sizes, layers, batch_first=True, dropout=between)
