"""Configuration to language model, and model folder to language model."""

import json
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, TypeAdapter

from gradus.errors import InputError
from gradus.evaluation.language_model import LanguageModel
from gradus.networks.ffnn import FFNN, FFNNConfig
from gradus.networks.recurrent import GRUConfig, LSTMConfig, RecurrentLM, RNNConfig
from gradus.networks.transformer import TransformerConfig, TransformerLM
from gradus.weights import read_model

LMConfig = Annotated[FFNNConfig | RNNConfig | GRUConfig | LSTMConfig | TransformerConfig, Field(discriminator="kind")]
"""A `network` of `train_lm` in params.yaml; `kind` says which."""


def build_lm(config: LMConfig, vocabulary_size: int) -> LanguageModel:
    """Return a language model with freshly drawn weights; the draw is torch's global generator's."""
    match config:
        case FFNNConfig():
            return FFNN(config, vocabulary_size)
        case RNNConfig() | GRUConfig() | LSTMConfig():
            return RecurrentLM(config, vocabulary_size)
        case TransformerConfig():
            return TransformerLM(config, vocabulary_size)


def load_lm(folder: Path) -> tuple[LanguageModel, dict[str, Any]]:
    """Read a folder that `train_lm` wrote.

    Returns:
        the model on the CPU, in evaluation mode, and the folder's `config.json` (network, vocabulary_size,
        tokenizer_sha256, training).
    Raises:
        InputError: if the folder is missing, broken, or its weights do not fit its configuration.
    """
    weights, description = read_model(folder)
    try:
        config: LMConfig = TypeAdapter(LMConfig).validate_json(json.dumps(description["network"]))
        model = build_lm(config, description["vocabulary_size"])
        model.load_state_dict(weights)
    except (KeyError, ValueError, RuntimeError) as error:
        raise InputError(
            folder, expected="weights that fit config.json", found=str(error), remedy="train the model again"
        ) from None
    return model.eval(), description
