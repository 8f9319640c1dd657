"""What every translation model offers: encode a source once, then advance along the target."""

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from gradus.errors import InputError
from gradus.layers.output import OutputLayer

State = tuple[Tensor, ...]
"""What a decoder hands from one position to the next; every tensor has the rows of the batch first."""


@dataclass(frozen=True)
class Sizes:
    """Number of ids on each side, and whether both sides share one tokenizer."""

    src: int
    tgt: int
    joint: bool


@dataclass(frozen=True)
class Memory:
    """An encoded source; the first dimension of every tensor is the row of the batch."""

    mask: Tensor
    """True where there is a source token, bool (B, S)."""
    read: tuple[Tensor, ...]
    """What the decoder reads at every position: states, and what attention computes of them once."""
    start: State
    """The decoder's state before the first target token."""

    def select(self, rows: Tensor) -> "Memory":
        """Return the memory whose row i is row `rows[i]` of this one."""
        return Memory(self.mask[rows], select_rows(self.read, rows), select_rows(self.start, rows))


def select_rows(tensors: tuple[Tensor, ...], rows: Tensor) -> tuple[Tensor, ...]:
    """Reorder, repeat or drop the rows of tensors."""
    return tuple(tensor.index_select(0, rows) for tensor in tensors)


class Embedding(nn.Embedding):
    """sqrt(E) e(w): a matrix whose rows are of about unit length, so that it can weigh the output too when
    tied, gives vectors of about unit variance.

    Source: Vaswani et al. (2017), Attention is all you need, section 3.4.
    """

    def __init__(self, vocabulary_size: int, width: int) -> None:
        super().__init__(vocabulary_size, width)
        nn.init.normal_(self.weight, std=width**-0.5)

    def forward(self, ids: Tensor) -> Tensor:
        """Return vectors (..., E) of ids (...)."""
        return super().forward(ids) * math.sqrt(self.embedding_dim)


def build_embeddings(sizes: Sizes, width: int, *, tied: bool) -> tuple[Embedding, Embedding]:
    """Return source and target embeddings, one and the same if tied.

    Raises:
        InputError: if they are to be tied and the vocabulary is not joint.
    """
    if tied and not sizes.joint:
        raise InputError(
            "network.tied",
            expected="one vocabulary for both sides",
            found="two tokenizers",
            remedy="set tokenize.mt.joint to true or tied to false",
        )
    src = Embedding(sizes.src, width)
    return src, src if tied else Embedding(sizes.tgt, width)


def initialize(part: nn.Module) -> None:
    """Draw weights that keep a signal's variance: recurrent matrices orthogonal gate by gate, others uniform.

    Uniform in +-sqrt(6 / (fan in + fan out)). torch's own draw is narrower; with it attention starts so
    flat that training spends epochs on the target's language alone.

    Source: Glorot and Bengio (2010), Understanding the difficulty of training deep feedforward neural
    networks; Saxe et al. (2014), Exact solutions to the nonlinear dynamics of learning, for orthogonality.
    """
    for name, weight in part.named_parameters():
        if "weight_hh" in name or name.endswith("u.weight"):
            for gate in torch.split(weight.data, weight.shape[1]):
                nn.init.orthogonal_(gate)
        elif weight.dim() == 2:
            nn.init.xavier_uniform_(weight)


def token_mask(lengths: Tensor, width: int) -> Tensor:
    """Return True where position i < length: bool (B, width)."""
    return torch.arange(width, device=lengths.device) < lengths[:, None]


class Translator(nn.Module):
    """The interface of a translation model. Forward under teacher forcing: `decode(tgt_in, encode(src, lengths))`."""

    vocabulary_size: int
    """Ids of the target side."""
    output: OutputLayer

    def encode(self, src: Tensor, src_lengths: Tensor) -> Memory:
        """Read source ids (B, S), PAD on the right, of `src_lengths` (B,) tokens each."""
        raise NotImplementedError

    def advance(self, tgt_in: Tensor, memory: Memory, state: State) -> tuple[Tensor, State]:
        """Feed target tokens (B, T) after those that made `state`; return features (B, T, D) and the next state."""
        raise NotImplementedError

    def attention(self, tgt_in: Tensor, memory: Memory) -> Tensor:
        """Return how much each target position reads of each source position: weights (B, T, S), rows sum to 1."""
        raise NotImplementedError

    def decode(self, tgt_in: Tensor, memory: Memory) -> Tensor:
        """Return the logits (B, T, V) of the token after each of `tgt_in` (B, T), whose first column is BOS."""
        logits: Tensor = self.output(self.advance(tgt_in, memory, memory.start)[0])
        return logits


def attention_weights(model: Translator, src: Tensor, src_lengths: Tensor, tgt_in: Tensor) -> Tensor:
    """Return the attention of a model that reads a reference translation, for pictures.

    Args:
        model: a translation model with attention, in eval mode.
        src: source ids, int64 (B, S).
        src_lengths: tokens of each row, EOS included, int64 (B,).
        tgt_in: [BOS, y1, ..., yn], int64 (B, T).
    Returns:
        Weights (B, T, S); row t is what the model read to predict the token after `tgt_in[:, t]`.
    Raises:
        ValueError: if the model has no attention.
    """
    with torch.no_grad():
        return model.attention(tgt_in, model.encode(src, src_lengths))
