"""Recurrent language models. `gradus.layers.recurrence.table` lists the possible cells."""

from torch import Tensor

from gradus.interfaces.language_model import LanguageModel
from gradus.interfaces.state import State
from gradus.layers.dropout import drop_types, dropout_module, sites
from gradus.layers.output import OutputLayer, new_embedding
from gradus.layers.recurrence.config import RecurrentConfig
from gradus.layers.recurrence.run import run_layers


class RecurrentLM(LanguageModel):
    """Recurrent language model.

        x_t = e(w_t), h_0 = 0, h_t = recurrence(x_t, h_{t-1}), P(w_{t+1} | w_1 .. w_t) = softmax(U h_t + c)

    The vector `e(w)` is the embedding of token `w`. With a single dropout rate, only the connections that are not
    recurrent have dropout.

    Source: Mikolov et al. (2010), Recurrent neural network based language model. The dropout is that of Zaremba et al.
    (2014), Recurrent neural network regularization.
    """

    def __init__(self, config: RecurrentConfig, vocabulary_size: int) -> None:
        super().__init__()
        self.vocabulary_size = vocabulary_size
        self.config = config
        self.embedding = new_embedding(vocabulary_size, config.embedding)
        self.recurrence = config.recurrence()
        rates = sites(config.dropout)
        self.type_rate = rates.embedding
        self.dropout = dropout_module(config.dropout, rates.inputs)
        before = dropout_module(config.dropout, rates.outputs)
        self.output = OutputLayer(config.hidden, self.embedding, tied=config.tied, dropout=before)

    def initial_state(self, batch: int) -> State:
        """Return a state of zeros. It is the tuple `(h,)` or `(h, c)`; each tensor is (B, L, H)."""
        zeros = self.embedding.weight.new_zeros(batch, self.config.layers, self.config.hidden)
        return (zeros,) * self.config.cell.states

    def advance(self, tokens: Tensor, state: State) -> tuple[Tensor, State]:
        """See `LanguageModel.advance`. The state is `(h,)` or `(h, c)`; each tensor is (B, L, H)."""
        x = self.embedding(tokens)  # (B, T, E)
        if self.training and self.type_rate:
            x = drop_types(x, tokens, self.vocabulary_size, self.type_rate)
        # The layers expect (L, B, H), and cuDNN needs contiguous states.
        layers_first = tuple(part.transpose(0, 1).contiguous() for part in state)
        h, final = run_layers(self.recurrence, self.dropout(x), layers_first)  # (B, T, H)
        return h, tuple(part.transpose(0, 1) for part in final)
