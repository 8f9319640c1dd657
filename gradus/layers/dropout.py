"""Dropout at each site of a recurrent network: embeddings, inputs, hidden layers, outputs, recurrent weights."""

from typing import Annotated

import torch
from pydantic import Field
from pydantic.dataclasses import dataclass
from torch import Tensor, nn

from gradus.params import STRICT

Rate = Annotated[float, Field(ge=0, lt=1)]
"""Probability that a value is replaced by zero. All other values are divided by one minus this rate."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class SiteDropout:
    """Dropout rates of a recurrent network, one for each site.

    At the sites `inputs`, `hidden` and `outputs`, all positions of a chunk have the same mask (variational dropout).
    Every step of the training draws new masks.

    Source: Gal and Ghahramani (2016), A theoretically grounded application of dropout in recurrent neural networks, for
    variational dropout and `embedding`; Wan et al. (2013), Regularization of neural networks using DropConnect, and
    Merity et al. (2018), Regularizing and optimizing LSTM language models, for `recurrent`.
    """

    embedding: Rate
    """Rate of the types of the vocabulary. The embedding of a dropped type is zero wherever the type is read."""
    inputs: Rate
    """Rate of the components of the embeddings."""
    hidden: Rate
    """Rate of the components of the outputs of every layer but the last, where the next layer reads them."""
    outputs: Rate
    """Rate of the components of the features that the output layer reads."""
    recurrent: Rate
    """Rate of the weights in the matrices U (DropConnect). All positions of a chunk have the same weights."""


Dropout = Rate | SiteDropout
"""Setting `dropout` of a recurrent network: one rate for embeddings and layers, with a new mask at every position; or
the rates of all sites."""


def sites(dropout: Dropout) -> SiteDropout:
    """Return the rates of all sites. A single rate is that of inputs, hidden layers and outputs."""
    if isinstance(dropout, SiteDropout):
        return dropout
    return SiteDropout(embedding=0.0, inputs=dropout, hidden=dropout, outputs=dropout, recurrent=0.0)


def dropout_module(dropout: Dropout, rate: float) -> nn.Module:
    """Return a module for one site: with one mask per chunk if the rates are those of sites, else one per position."""
    return LockedDropout(rate) if isinstance(dropout, SiteDropout) else nn.Dropout(rate)


class LockedDropout(nn.Module):
    """Dropout whose mask is the same at all positions of a chunk (variational dropout): `y_t = m * x_t / (1 - p)`."""

    def __init__(self, rate: float) -> None:
        super().__init__()
        self.rate = rate

    def forward(self, x: Tensor) -> Tensor:
        """Apply the dropout to x, (B, T, H). In evaluation mode, return x."""
        if not (self.training and self.rate):
            return x
        return x * nn.functional.dropout(torch.ones_like(x[:, :1]), self.rate)


def drop_types(embedded: Tensor, tokens: Tensor, size: int, rate: float) -> Tensor:
    """Replace the embeddings of randomly chosen types by zeros, at all their positions.

    Args:
        embedded: embeddings of the tokens, (B, T, E).
        tokens: int64 (B, T).
        size: V, number of types.
        rate: probability that a type is chosen.
    """
    kept = nn.functional.dropout(embedded.new_ones(size), rate)
    return embedded * kept[tokens][..., None]
