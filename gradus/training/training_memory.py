"""What training needs of memory at least, known before its first step."""

from collections.abc import Callable, Mapping

from torch import nn

from gradus.memory import require_memory
from gradus.runtime import free_memory
from gradus.training.optim import TrainingConfig

_FLOAT = 4  # bytes
_COPIES = {"adamw": 3, "sgd": 1}
"""Of the weights, beside themselves: gradients, and AdamW's two moments. The best so far are not there in epoch one."""


def require_training_memory(
    model: nn.Module, config: TrainingConfig, sizes: Mapping[str, int], activations: Callable[..., int]
) -> None:
    """Refuse a training that would not fit beside the weights, which are there already.

    Args:
        model: the network, on the device of the training.
        config: names the optimizer.
        sizes: those of a batch, by their names in params.yaml.
        activations: floats that a step keeps at least for a batch of some sizes.
    Raises:
        InputError: says how large the network or the batch may be.
    """
    available, copies = free_memory(next(model.parameters()).device), _COPIES[config.optimizer]
    parameters = sum(parameter.numel() for parameter in model.parameters())
    require_memory({"parameters of the network": parameters}, lambda count: copies * count * _FLOAT, available)
    fixed = copies * parameters
    require_memory(sizes, lambda *smaller: (fixed + activations(*smaller)) * _FLOAT, available)


def floats_per_token(model: nn.Module, vocabulary_size: int) -> tuple[int, int]:
    """Return the floats that a step keeps at least of every token: of its distribution, and of the layers.

    The logits, their log-softmax and its gradient are 3 V. The layers are counted by the widths of their outputs.
    From peaks of the resident size (torch 2.13 on a CPU, 256 units): V = 20,000 takes 3.4 V and more; where V is
    small, a language model takes 2.2 to 5 times its widths twice over, a translation model 2.4 to 6 times its widths.
    """
    return 3 * vocabulary_size, sum(map(_outputs, model.modules()))


def _outputs(module: nn.Module) -> int:
    match module:
        case nn.Linear():
            return module.out_features
        case nn.Embedding():
            return module.embedding_dim
        case nn.RNNBase():
            return sum(weight.shape[0] for name, weight in module.named_parameters() if "weight_ih" in name)
    return 0
