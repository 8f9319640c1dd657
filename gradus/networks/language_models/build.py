"""Configuration to language model, and model folder to language model."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field
from pydantic.dataclasses import dataclass

from gradus.interfaces.language_model import LanguageModel
from gradus.networks.language_models.ffnn import FFNN, FFNNConfig
from gradus.networks.language_models.recurrent import GRUConfig, LSTMConfig, RecurrentLM, RNNConfig
from gradus.networks.language_models.transformer import TransformerConfig, TransformerLM
from gradus.networks.weight_memory import require_weights_memory
from gradus.params import STRICT, validated
from gradus.runtime import DeviceName
from gradus.weights import load_weights, open_network

LMConfig = Annotated[FFNNConfig | RNNConfig | GRUConfig | LSTMConfig | TransformerConfig, Field(discriminator="kind")]
"""A `network` of `train_lm` in params.yaml; `kind` says which."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class _Network:
    network: LMConfig
    vocabulary_size: Annotated[int, Field(ge=4, lt=2**31)]
    tokenizer_sha256: str
    parameters: Annotated[int, Field(ge=1, le=10**15)]
    device: DeviceName


def build_lm(config: LMConfig, vocabulary_size: int) -> LanguageModel:
    """Return a language model with freshly drawn weights; the draw is torch's global generator's.

    Raises:
        InputError: if the weights do not fit into memory.
    """
    require_weights_memory(config, lambda smaller: _build(smaller, vocabulary_size))
    return _build(config, vocabulary_size)


def _build(config: LMConfig, vocabulary_size: int) -> LanguageModel:
    match config:
        case FFNNConfig():
            return FFNN(config, vocabulary_size)
        case RNNConfig() | GRUConfig() | LSTMConfig():
            return RecurrentLM(config, vocabulary_size)
        case TransformerConfig():
            return TransformerLM(config, vocabulary_size)


def open_lm(folder: Path, *, sums: bool = True) -> dict[str, Any]:
    """Check a folder that `train_lm` wrote, and return its configuration.

    Returns:
        What `config.json` holds: network, vocabulary_size, tokenizer_sha256, device, training.
    Raises:
        InputError: if the folder is missing, broken, or describes no language model.
    """
    description = open_network(folder, sums=sums)
    keys = ("network", "vocabulary_size", "tokenizer_sha256", "parameters", "device")
    validated({key: description.get(key) for key in keys}, f"{folder}/config.json: ", _Network)
    return description


def load_lm(folder: Path, description: Mapping[str, Any]) -> LanguageModel:
    """Return the language model of a folder on the CPU, in evaluation mode.

    Args:
        folder: of the model.
        description: what `open_lm` returned of it.
    Raises:
        InputError: if its weights are broken, or do not fit its configuration.
    """
    network: Any = LMConfig
    config = validated(description["network"], f"{folder}/config.json: network", network)
    return load_weights(folder, lambda: build_lm(config, description["vocabulary_size"]))
