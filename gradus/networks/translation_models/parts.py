"""Parts that translation models share: embeddings, initialisation, masks."""

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from gradus.errors import InputError


@dataclass(frozen=True)
class Sizes:
    """Number of ids on each side, and whether both sides share one tokenizer."""

    src: int
    tgt: int
    joint: bool


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
