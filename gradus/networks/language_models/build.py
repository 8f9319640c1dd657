"""Build a new neural language model, or load a trained one. The dict `LANGUAGE_MODELS` lists the network classes."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field
from pydantic.dataclasses import dataclass

from gradus.choices import OneOf
from gradus.device import Device
from gradus.interfaces.language_model import LanguageModel
from gradus.layers.recurrence.table import RECURRENCES
from gradus.networks.description import LANGUAGE_MODEL, NetworkConfig, ParameterCount, open_description
from gradus.networks.language_models.ffnn import FFNN, FFNNConfig
from gradus.networks.language_models.recurrent import RecurrentLM
from gradus.networks.language_models.transformer import TransformerConfig, TransformerLM
from gradus.networks.weight_memory import require_weights_memory
from gradus.params import STRICT
from gradus.weights import load_weights

LANGUAGE_MODELS: Mapping[type, Callable[[Any, int], LanguageModel]] = {
    FFNNConfig: FFNN,
    **dict.fromkeys(RECURRENCES, RecurrentLM),
    TransformerConfig: TransformerLM,
}
"""Dict from configuration class to network class. Its constructor takes `config` and `vocabulary_size`."""

LMConfig = Annotated[NetworkConfig, OneOf(tuple(LANGUAGE_MODELS))]
"""Type of the settings under `train_lm.NAME.network` in params.yaml."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class LanguageModelDescription:
    """Description of a trained language model."""

    network: LMConfig
    vocabulary_size: Annotated[int, Field(ge=4, lt=2**31)]
    """V."""
    tokenizer_sha256: str
    """SHA-256 of the tokenizer that made the training data."""
    device: Device
    """Device on which the model was trained."""
    parameters: ParameterCount


def build_lm(config: NetworkConfig, vocabulary_size: int) -> LanguageModel:
    """Build a language model with random weights, drawn from torch's global random generator.

    Raises:
        InputError: if the weights do not fit into memory.
    """
    network = LANGUAGE_MODELS[type(config)]
    require_weights_memory(config, network, vocabulary_size)
    return network(config, vocabulary_size)


def open_lm(folder: Path, *, sums: bool = True) -> LanguageModelDescription:
    """Check a folder that `train_lm` wrote, and read its description.

    Args:
        folder: the model's folder.
        sums: whether to check the SHA-256 sum of every file.
    Raises:
        InputError: if the folder is missing or damaged, or contains no neural language model.
    """
    return open_description(folder, LANGUAGE_MODEL, LanguageModelDescription, sums=sums)


def load_lm(folder: Path, description: LanguageModelDescription) -> LanguageModel:
    """Load a trained language model onto the CPU, in evaluation mode.

    Args:
        folder: the model's folder.
        description: the model's description, from `open_lm`.
    Raises:
        InputError: if the weights are damaged or do not match the description.
    """
    return load_weights(folder, lambda: build_lm(description.network, description.vocabulary_size))
