"""Initial weights of networks; embeddings, output layers and recurrent cells draw their own."""

import math

import torch
from torch import nn

from gradus.layers.blocks import CrossAttention, FeedForward, SelfAttention


def draw_scaled_normal(module: nn.Module, layers: int) -> None:
    """Draw normal weights of deviation 0.02, or 0.02 / sqrt(2 L) for the last matrix of every sublayer.

    Each of the 2 L sublayers adds its output to the residual stream; the smaller deviation keeps the variance of their
    sum independent of L. Biases become zero; gains stay one.

    Source: Radford et al. (2019), Language models are unsupervised multitask learners, section 2.3.
    """
    for part in module.modules():
        if isinstance(part, nn.Linear):
            nn.init.normal_(part.weight, std=0.02)
            nn.init.zeros_(part.bias)
    for part in module.modules():
        if isinstance(part, SelfAttention | CrossAttention | FeedForward):
            nn.init.normal_(part.out.weight, std=0.02 / math.sqrt(2 * layers))


def draw_glorot(module: nn.Module) -> None:
    """Draw recurrent matrices orthogonal, gate by gate, and all others uniform in +-sqrt(6 / (fan in + fan out)).

    Both keep the variance of a signal. With torch's own narrower draw, attention starts so flat that the first epochs
    teach the target language alone.

    Source: Glorot and Bengio (2010), Understanding the difficulty of training deep feedforward neural networks; for
    orthogonal matrices Saxe et al. (2014), Exact solutions to the nonlinear dynamics of learning.
    """
    for name, weight in module.named_parameters():
        if "weight_hh" in name or name.endswith("u.weight"):  # U of a fused module or of a cell
            for gate in torch.split(weight.data, weight.shape[1]):
                nn.init.orthogonal_(gate)
        elif weight.dim() == 2:
            nn.init.xavier_uniform_(weight)
