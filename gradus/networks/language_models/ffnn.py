"""The feed-forward language model, which reads a fixed window of tokens, and its settings."""

from typing import Annotated, Literal

import torch
from pydantic import Field
from pydantic.dataclasses import dataclass
from torch import Tensor, nn

from gradus.interfaces.language_model import LanguageModel
from gradus.interfaces.state import State
from gradus.layers.dropout import RandomZeros
from gradus.layers.output import OutputLayer, new_embedding
from gradus.params import STRICT
from gradus.text.special import PAD_ID


@dataclass(frozen=True, kw_only=True, config=STRICT)
class FFNNConfig:
    """Settings of the fixed-window language model."""

    kind: Literal["ffnn"]
    window: Annotated[int, Field(ge=1, le=10**6)]
    """Number of previous tokens that the model reads to predict a token. The equations call it `n - 1`."""
    embedding: Annotated[int, Field(ge=1, le=10**9)]
    """E, width of the embeddings."""
    hidden: Annotated[int, Field(ge=1, le=10**9)]
    """H, width of the hidden layer."""
    dropout: Annotated[float, Field(ge=0, lt=1)]
    """Dropout rate of the embeddings and of the hidden layer."""
    tied: bool
    """Whether the embedding and the output layer share one matrix."""


class FFNN(LanguageModel):
    """Fixed-window language model, which predicts a token from the n - 1 tokens before it.

        x_t = [e(w_{t-n+1}); ..; e(w_{t-1})], h = tanh(W x_t + b), P(w_t) = softmax(U h + c)

    The vector `e(w)` is the embedding of token `w`. It is zero at positions before the beginning of the text. The state
    consists of the last `n - 1` tokens.

    Source: Bengio et al. (2003), A neural probabilistic language model. The paper also has direct connections
    from `x` to the output; this model does not.
    """

    def __init__(self, config: FFNNConfig, vocabulary_size: int) -> None:
        super().__init__()
        self.vocabulary_size = vocabulary_size
        self.context = config.window
        self.embedding = new_embedding(vocabulary_size, config.embedding)
        self.hidden = nn.Linear(config.window * config.embedding, config.hidden)
        self.dropout = RandomZeros(config.dropout)
        self.output = OutputLayer(config.hidden, self.embedding, tied=config.tied, dropout=self.dropout)

    def initial_state(self, batch: int) -> State:
        """Return the initial state: `n - 1` PAD tokens in each of B rows, (B, n - 1). The embedding of PAD is zero."""
        device = self.embedding.weight.device
        return (torch.full((batch, self.context), PAD_ID, dtype=torch.int64, device=device),)

    def advance(self, tokens: Tensor, state: State) -> tuple[Tensor, State]:
        """See `LanguageModel.advance`. The state consists of the last `n - 1` tokens, int64 (B, n - 1)."""
        text = torch.cat([state[0], tokens], dim=1)  # (B, n - 1 + T)
        e = self.dropout(self.embedding(text))
        length = tokens.shape[1]
        # An input predicts the next token. So its own embedding is the last of the n - 1, and the range begins at 1.
        x = torch.cat([e[:, i : i + length] for i in range(1, self.context + 1)], dim=-1)  # (B, T, (n - 1) E)
        h = torch.tanh(self.hidden(x))  # (B, T, H)
        return h, (text[:, -self.context :],)
