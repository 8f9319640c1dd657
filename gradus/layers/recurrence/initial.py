"""Initial weights of the layers of recurrent language models."""

from collections.abc import Callable, Mapping

from torch import nn

from gradus.layers.initialization import init_glorot, recurrent_weights


def _uniform(layers: nn.Module) -> None:
    """Keep the weights of the constructors: uniform between `-1 / sqrt(H)` and `1 / sqrt(H)`."""


def _orthogonal(layers: nn.Module) -> None:
    """Make the matrix U of each gate orthogonal, the matrices W Glorot-uniform, and the biases zero."""
    init_glorot(layers)
    _zero_biases(layers)


def _orthogonal_columns(layers: nn.Module) -> None:
    """Do the same, but make only the columns of all stacked matrices U orthonormal.

    The matrix of one of G gates then changes the length of a vector by a factor of about `1 / sqrt(G)`. This is what
    `torch.nn.init.orthogonal_` does to a weight of `nn.LSTM` or `nn.GRU`.
    """
    _orthogonal(layers)
    for weight in recurrent_weights(layers):
        nn.init.orthogonal_(weight)


def _zero_biases(layers: nn.Module) -> None:
    for parameter in layers.parameters():
        if parameter.dim() == 1:
            nn.init.zeros_(parameter)


INITIAL_WEIGHTS: Mapping[str, Callable[[nn.Module], None]] = {
    "uniform": _uniform,
    "orthogonal": _orthogonal,
    "orthogonal_columns": _orthogonal_columns,
}
"""Dict from the name of a distribution in params.yaml to the function that initialises recurrent layers with it."""
