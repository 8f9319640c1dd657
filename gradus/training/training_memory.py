"""Refuse a training that does not fit into memory, before its first step."""

from collections.abc import Callable, Mapping

from torch import nn

from gradus.interfaces.language_model import LanguageModel
from gradus.interfaces.output import Output
from gradus.interfaces.translator import Translator
from gradus.layers.softmax_loss import BUFFER_FLOATS
from gradus.memory import VOCABULARY, require_memory
from gradus.runtime import free_memory
from gradus.training.data_parallel import size_here
from gradus.training.optim import OPTIMIZERS, TrainingConfig
from gradus.weights import count_parameters

Model = LanguageModel | Translator

_FLOAT = 4
"""Number of bytes of a float32."""


def require_training_memory(
    model: Model, config: TrainingConfig, sizes: Mapping[str, int], activations: Callable[..., int]
) -> None:
    """Refuse a training that does not fit into the free memory.

    The weights of the network are already allocated, so they are not counted.

    Args:
        model: a network on the device of the training.
        config: training settings, which name the optimizer.
        sizes: dict from names in params.yaml to the sizes of a batch.
        activations: function that maps the sizes and the size of the vocabulary to a lower bound of the number of
            floats that a step stores.
    Raises:
        InputError: if the training does not fit. The error names a size that is too large, and the largest value that
            fits.
    """
    device = next(model.parameters()).device
    available = free_memory(device) // (size_here() if device.type == "cpu" else 1)
    # The gradients, and each moment, are as large as the weights. The best weights are copied only after an epoch.
    choice = OPTIMIZERS[config.optimizer]
    copies = 1 + min(len(kind.moments) for kind in (choice.matrices, choice.others))
    parameters, vocabulary, each = count_parameters(model), model.vocabulary_size, weights_per_type(model)

    def fixed(size: int, count: int = parameters) -> int:
        return copies * max(0, count - each * (vocabulary - size)) * _FLOAT

    def needed(size: int, *smaller: int) -> int:
        return fixed(size) + activations(*smaller, size) * _FLOAT

    # First the memory without a batch is checked: if it is too much, a smaller batch does not help.
    if fixed(vocabulary) > available and 2 * each * vocabulary > parameters:
        require_memory({VOCABULARY: vocabulary, **sizes}, needed, available)
    require_memory({"parameters of the network": parameters}, lambda count: fixed(vocabulary, count), available)
    require_memory({**sizes, VOCABULARY: vocabulary}, lambda *smaller: needed(smaller[-1], *smaller[:-1]), available)


def weights_per_type(model: Model) -> int:
    """Return the number of weights per type of the (target) vocabulary: of the embeddings and of the output layer."""
    layers = [module for module in model.modules() if isinstance(module, nn.Embedding | Output)]
    # A dict, because a tied weight is a weight of two layers.
    weights = {id(weight): weight for layer in layers for weight in layer.parameters(recurse=False)}
    return sum(weight[0].numel() for weight in weights.values() if len(weight) == model.vocabulary_size)


def output_floats(tokens: int, vocabulary_size: int) -> int:
    """Return a lower bound of the number of floats that the output layer and its loss store in a step.

    They store the logits of a block of tokens: all tokens, or at least half of the largest buffer, or one token. See
    `gradus.layers.softmax_loss`.
    """
    return min(tokens * vocabulary_size, max(vocabulary_size, BUFFER_FLOATS // 2))


def floats_per_token(model: nn.Module) -> int:
    """Return a lower bound of the number of floats that the layers of a network store per token in a training step.

    It is the sum of the widths of their outputs. The output layer is not counted; see `output_floats`.

    Measurements of the largest resident memory confirm the bound (torch 2.13 on a CPU, width 256). A language model
    takes 4.4 to 10 times this number, and a translation model takes 2.4 to 6 times this number.
    """
    return sum(map(_outputs, model.modules()))


def _outputs(module: nn.Module) -> int:
    """Return the width of a module's outputs if the module is one of torch's layers, and 0 if it is not.

    A recurrent cell of `gradus.layers` consists of linear layers. They are counted one by one, so the cell counts 0.
    """
    match module:
        case nn.Linear():
            return module.out_features
        case nn.Embedding():
            return module.embedding_dim
        case nn.RNNBase():
            return sum(weight.shape[0] for name, weight in module.named_parameters() if "weight_ih" in name)
    return 0
