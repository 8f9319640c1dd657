"""Initial weights of Transformer blocks and of encoder-decoders.

Embeddings, output layers and recurrent cells initialise their weights in their constructors. The settings of a
recurrent language model can choose other weights; see `gradus.layers.recurrence.initial`.
"""

import math
from collections.abc import Iterator

import torch
from torch import nn

from gradus.layers.blocks import CrossAttention, FeedForward, SelfAttention


def init_scaled_normal(module: nn.Module, layers: int) -> None:
    """Initialise Transformer blocks with small normal weights.

    The standard deviation is 0.02. For the last matrix of every sublayer it is `0.02 / sqrt(2 L)`, where L is the
    number of blocks. The outputs of the 2 L sublayers are added up. The smaller deviation makes the variance of the
    sum independent of L. Biases become zero; the gains of layer normalisation stay one.

    Source: Radford et al. (2019), Language models are unsupervised multitask learners, section 2.3.
    """
    for part in module.modules():
        if isinstance(part, nn.Linear):
            nn.init.normal_(part.weight, std=0.02)
            nn.init.zeros_(part.bias)
    # These matrices need a second loop. They are linear layers too, so the first loop would replace their weights.
    for part in module.modules():
        if isinstance(part, SelfAttention | CrossAttention | FeedForward):
            nn.init.normal_(part.out.weight, std=0.02 / math.sqrt(2 * layers))


def init_glorot(module: nn.Module) -> None:
    """Initialise recurrent matrices as orthogonal, and all other matrices as Glorot-uniform.

    Each gate has its own orthogonal matrix. The other matrices are uniform between `-a` and `a`, where
    `a = sqrt(6 / (inputs + outputs))`. Both distributions keep the variance of a signal. torch's default range is
    narrower. With that range, attention weights are almost equal at first, so the model learns only the target language
    in the first epochs.

    Source: Glorot and Bengio (2010), Understanding the difficulty of training deep feedforward neural networks. The
    orthogonal matrices are from Saxe et al. (2014), Exact solutions to the nonlinear dynamics of learning.
    """
    recurrent = list(recurrent_weights(module))
    for weight in module.parameters():
        if any(weight is other for other in recurrent):
            for gate in torch.split(weight.data, weight.shape[1]):
                nn.init.orthogonal_(gate)
        elif weight.dim() == 2:  # biases and gains keep their values
            nn.init.xavier_uniform_(weight)


def recurrent_weights(module: nn.Module) -> Iterator[nn.Parameter]:
    """Yield the recurrent weights of a fused module or of cells: per layer, the matrices U of all gates, stacked."""
    for name, weight in module.named_parameters():
        if "weight_hh" in name or name.endswith("u.weight"):
            yield weight
