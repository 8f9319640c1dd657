"""Configuration to translation model, and model folder to translation model."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field
from pydantic.dataclasses import dataclass

from gradus.interfaces.translator import Translator
from gradus.networks.translation_models.parts import Sizes
from gradus.networks.translation_models.seq2seq import Seq2Seq, Seq2SeqConfig
from gradus.networks.translation_models.transformer import TranslationTransformer, TranslationTransformerConfig
from gradus.networks.weight_memory import require_weights_memory
from gradus.params import STRICT, validated
from gradus.runtime import DeviceName
from gradus.weights import load_weights, open_network

MTConfig = Annotated[Seq2SeqConfig | TranslationTransformerConfig, Field(discriminator="kind")]
"""A `network` of `train_mt` in params.yaml; `kind` says which."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class _Sizes:
    src: Annotated[int, Field(ge=4, lt=2**31)]
    tgt: Annotated[int, Field(ge=4, lt=2**31)]
    joint: bool


@dataclass(frozen=True, kw_only=True, config=STRICT)
class _Sums:
    src: str
    tgt: str


@dataclass(frozen=True, kw_only=True, config=STRICT)
class _Network:
    network: MTConfig
    vocabulary_sizes: _Sizes
    tokenizer_sha256: _Sums
    device: DeviceName


def build_mt(config: MTConfig, sizes: Sizes) -> Translator:
    """Return a translation model with freshly drawn weights; the draw is torch's global generator's.

    Raises:
        InputError: if source and target are to share an embedding and have two tokenizers, or the weights do not fit
            into memory.
    """
    require_weights_memory(config, lambda smaller: _build(smaller, sizes))
    return _build(config, sizes)


def _build(config: MTConfig, sizes: Sizes) -> Translator:
    match config:
        case Seq2SeqConfig():
            return Seq2Seq(config, sizes)
        case TranslationTransformerConfig():
            return TranslationTransformer(config, sizes)


def open_mt(folder: Path, *, sums: bool = True) -> dict[str, Any]:
    """Check a folder that `train_mt` wrote, and return its configuration.

    Returns:
        What `config.json` holds: network, vocabulary_sizes, tokenizer_sha256, device, training.
    Raises:
        InputError: if the folder is missing, broken, or describes no translation model.
    """
    description = open_network(folder, sums=sums)
    keys = ("network", "vocabulary_sizes", "tokenizer_sha256", "device")
    validated({key: description.get(key) for key in keys}, f"{folder}/config.json: ", _Network)
    return description


def load_mt(folder: Path, description: Mapping[str, Any]) -> Translator:
    """Return the translation model of a folder on the CPU, in evaluation mode.

    Args:
        folder: of the model.
        description: what `open_mt` returned of it.
    Raises:
        InputError: if its weights are broken, or do not fit its configuration.
    """
    network: Any = MTConfig
    config = validated(description["network"], f"{folder}/config.json: network", network)
    return load_weights(folder, lambda: build_mt(config, Sizes(**description["vocabulary_sizes"])))
