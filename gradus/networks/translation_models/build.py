"""Build a new translation model, or load a trained one. The dict `TRANSLATION_MODELS` lists the network classes."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

from pydantic.dataclasses import dataclass

from gradus.choices import OneOf
from gradus.device import Device
from gradus.interfaces.translator import Translator
from gradus.networks.description import TRANSLATION_MODEL, NetworkConfig, ParameterCount, open_description
from gradus.networks.translation_models.parts import Sizes, TokenizerSums
from gradus.networks.translation_models.seq2seq import Seq2Seq, Seq2SeqConfig
from gradus.networks.translation_models.transformer import TranslationTransformer, TranslationTransformerConfig
from gradus.networks.weight_memory import require_weights_memory
from gradus.params import STRICT
from gradus.weights import load_weights

TRANSLATION_MODELS: Mapping[type, Callable[[Any, Sizes], Translator]] = {
    Seq2SeqConfig: Seq2Seq,
    TranslationTransformerConfig: TranslationTransformer,
}
"""Dict from configuration class to network class. Its constructor takes `config` and the vocabulary `sizes`."""

MTConfig = Annotated[NetworkConfig, OneOf(tuple(TRANSLATION_MODELS))]
"""Type of the settings under `train_mt.NAME.network` in params.yaml."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class TranslationModelDescription:
    """Description of a trained translation model."""

    network: MTConfig
    vocabulary_sizes: Sizes
    tokenizer_sha256: TokenizerSums
    """SHA-256 of the tokenizers that made the training data."""
    device: Device
    """Device on which the model was trained."""
    parameters: ParameterCount


def build_mt(config: NetworkConfig, sizes: Sizes) -> Translator:
    """Build a translation model with random weights, drawn from torch's global random generator.

    Raises:
        InputError: if the weights do not fit into memory, or if `tied` is true but source and target have
            different tokenizers.
    """
    network = TRANSLATION_MODELS[type(config)]

    def smaller(other: NetworkConfig, largest: int) -> Translator:
        return network(other, replace(sizes, src=min(sizes.src, largest), tgt=min(sizes.tgt, largest)))

    require_weights_memory(config, smaller, max(sizes.src, sizes.tgt))
    return network(config, sizes)


def open_mt(folder: Path, *, sums: bool = True) -> TranslationModelDescription:
    """Check a folder that `train_mt` wrote, and read its description.

    Args:
        folder: the model's folder.
        sums: whether to check the SHA-256 sum of every file.
    Raises:
        InputError: if the folder is missing or damaged, or contains no translation model.
    """
    return open_description(folder, TRANSLATION_MODEL, TranslationModelDescription, sums=sums)


def load_mt(folder: Path, description: TranslationModelDescription) -> Translator:
    """Load a trained translation model onto the CPU, in evaluation mode.

    Args:
        folder: the model's folder.
        description: the model's description, from `open_mt`.
    Raises:
        InputError: if the weights are damaged or do not match the description.
    """
    return load_weights(folder, lambda: build_mt(description.network, description.vocabulary_sizes))
