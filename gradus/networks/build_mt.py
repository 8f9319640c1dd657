"""Configuration to translation model, and model folder to translation model."""

from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, TypeAdapter

from gradus.errors import InputError
from gradus.networks.seq2seq import Seq2Seq, Seq2SeqConfig
from gradus.networks.translation import Sizes, Translator
from gradus.networks.translation_transformer import TranslationTransformer, TranslationTransformerConfig
from gradus.weights import read_model

MTConfig = Annotated[Seq2SeqConfig | TranslationTransformerConfig, Field(discriminator="kind")]
"""A `network` of `train_mt` in params.yaml; `kind` says which."""


def build_mt(config: MTConfig, sizes: Sizes) -> Translator:
    """Return a translation model with freshly drawn weights; the draw is torch's global generator's.

    Raises:
        InputError: if source and target are to share an embedding and have two tokenizers.
    """
    match config:
        case Seq2SeqConfig():
            return Seq2Seq(config, sizes)
        case TranslationTransformerConfig():
            return TranslationTransformer(config, sizes)


def load_mt(folder: Path) -> tuple[Translator, dict[str, Any]]:
    """Read a folder that `train_mt` wrote.

    Returns:
        the model on the CPU, in evaluation mode, and the folder's `config.json` (network,
        vocabulary_sizes, tokenizer_sha256, training, best_epoch).
    Raises:
        InputError: if the folder is missing, broken, or its weights do not fit its configuration.
    """
    weights, description = read_model(folder)
    try:
        config: MTConfig = TypeAdapter(MTConfig).validate_python(description["network"], strict=False)
        model = build_mt(config, Sizes(**description["vocabulary_sizes"]))
        model.load_state_dict(weights)
    except (KeyError, TypeError, ValueError, RuntimeError) as error:
        raise InputError(
            folder, expected="weights that fit config.json", found=str(error), remedy="train the model again"
        ) from None
    return model.eval(), description
