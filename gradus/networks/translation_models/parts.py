"""Parts that all translation models share: vocabulary sizes, embeddings and masks."""

import math
from typing import Annotated

import torch
from pydantic import Field
from pydantic.dataclasses import dataclass
from torch import Tensor, nn

from gradus.errors import InputError
from gradus.params import STRICT
from gradus.text.manifest import Manifest

Size = Annotated[int, Field(ge=4, lt=2**31)]


@dataclass(frozen=True, config=STRICT)
class Sizes:
    """Vocabulary sizes."""

    src: Size
    """Number of ids in the source vocabulary."""
    tgt: Size
    """Number of ids in the target vocabulary."""
    joint: bool
    """Whether source and target share one tokenizer."""


@dataclass(frozen=True, config=STRICT)
class TokenizerSums:
    """SHA-256 of the source tokenizer and of the target tokenizer."""

    src: str
    """Source side."""
    tgt: str
    """Target side."""


def vocabularies(manifest: Manifest) -> tuple[Sizes, TokenizerSums]:
    """Read the vocabulary sizes and the tokenizers' SHA-256 sums from the manifest of tokenized pairs."""
    src, tgt = manifest.tokenizer("src"), manifest.tokenizer("tgt")
    return Sizes(src.size, tgt.size, manifest.joint), TokenizerSums(src.sha256, tgt.sha256)


class Embedding(nn.Embedding):
    """Embedding of width E, which multiplies the row of a token by `sqrt(E)`.

    The rows of the matrix have a length of about 1. So the output layer can use the same matrix. The factor `sqrt(E)`
    gives the inputs of the network a variance of about 1.

    Source: Vaswani et al. (2017), Attention is all you need, section 3.4.
    """

    def __init__(self, vocabulary_size: int, width: int) -> None:
        super().__init__(vocabulary_size, width)
        nn.init.normal_(self.weight, std=width**-0.5)

    def forward(self, ids: Tensor) -> Tensor:
        """Return one vector for each id. For ids of shape (...), the vectors have shape (..., E)."""
        return super().forward(ids) * math.sqrt(self.embedding_dim)


def build_embeddings(sizes: Sizes, width: int, *, tied: bool) -> tuple[Embedding, Embedding]:
    """Build the source embedding and the target embedding. If `tied` is true, both are the same object.

    Raises:
        InputError: if `tied` is true but source and target have different tokenizers.
    """
    if tied and not sizes.joint:
        raise InputError(
            "network.tied",
            expected="one vocabulary for source and target",
            found="two tokenizers",
            remedy="set `tokenize.mt.joint` to true, or set `tied` to false",
        )
    src = Embedding(sizes.src, width)
    return src, src if tied else Embedding(sizes.tgt, width)


def token_mask(lengths: Tensor, width: int) -> Tensor:
    """Return a mask, bool (B, width). It is True at the first `lengths[b]` positions of row b."""
    return torch.arange(width, device=lengths.device) < lengths[:, None]
