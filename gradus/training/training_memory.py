"""Refuse a training that does not fit into memory, before its first step."""

from collections.abc import Callable, Mapping

from torch import nn

from gradus.memory import require_memory
from gradus.runtime import free_memory
from gradus.training.optim import OPTIMIZERS, TrainingConfig
from gradus.weights import count_parameters

_FLOAT = 4
"""Bytes of a float32."""


def require_training_memory(
    model: nn.Module, config: TrainingConfig, sizes: Mapping[str, int], activations: Callable[..., int]
) -> None:
    """Refuse a training that does not fit beside the weights, which are allocated already.

    Args:
        model: on the device of the training.
        config: names the optimizer.
        sizes: sizes of a batch, by their names in params.yaml.
        activations: lower bound of the floats that a step keeps for a batch of these sizes.
    Raises:
        InputError: names a size that is too large, and the largest value that fits.
    """
    available = free_memory(next(model.parameters()).device)
    # Gradients and moments. The copy of the best weights is made only after the first epoch.
    copies = 1 + len(OPTIMIZERS[config.optimizer].moments)
    parameters = count_parameters(model)
    require_memory({"parameters of the network": parameters}, lambda count: copies * count * _FLOAT, available)
    fixed = copies * parameters
    require_memory(sizes, lambda *smaller: (fixed + activations(*smaller)) * _FLOAT, available)


def floats_per_token(model: nn.Module, vocabulary_size: int) -> tuple[int, int]:
    """Return lower bounds of the floats that a step keeps per token: for the distribution, and for the layers.

    Logits, their log-softmax and its gradient are 3 V floats. Layers count by the widths of their outputs. Measured by
    peaks of the resident size (torch 2.13 on a CPU, 256 units): at V = 20,000 the distribution takes at least 3.4 V; at
    small V, a language model takes 4.4 to 10 times its widths, a translation model 2.4 to 6 times its widths.
    """
    return 3 * vocabulary_size, sum(map(_outputs, model.modules()))


def _outputs(module: nn.Module) -> int:
    """Return the width of a module's own output; our recurrent cells consist of linear layers."""
    match module:
        case nn.Linear():
            return module.out_features
        case nn.Embedding():
            return module.embedding_dim
        case nn.RNNBase():
            return sum(weight.shape[0] for name, weight in module.named_parameters() if "weight_ih" in name)
    return 0
