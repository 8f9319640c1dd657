"""Open the folder of a translation model, with the source and the target tokenizer."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from gradus.families.tokenizers import require_same_tokenizer
from gradus.text.tokenizers.tokenizer import Tokenizer, load_tokenizer

if TYPE_CHECKING:
    from gradus.interfaces.translator import Translator


@dataclass(frozen=True)
class OpenTranslator:
    """Translation model and its two tokenizers. With a joint vocabulary, both tokenizers are the same object."""

    model: "Translator"
    """Network on the CPU, in evaluation mode."""
    src: Tokenizer
    tgt: Tokenizer
    attends: bool
    """Whether the network has attention weights."""


def open_translator(path: Path, tokens: Path, *, sums: bool = True) -> OpenTranslator:
    """Load a translation model, its source tokenizer and its target tokenizer.

    Args:
        path: the folder of the model.
        tokens: the folder that the stage `tokenize` wrote.
        sums: whether to check the SHA-256 of every file of the model. The size of every file is always checked.
    Raises:
        InputError: if the model or a tokenizer is missing, or the model was trained with other tokenizers.
    """
    from gradus.networks.translation_models.build import load_mt, open_mt

    description = open_mt(path, sums=sums)
    joint, sums256 = description.vocabulary_sizes.joint, description.tokenizer_sha256
    folders = [tokens / ("tokenizer" if joint else f"tokenizer.{side}") for side in ("src", "tgt")]
    src, tgt = (load_tokenizer(folder) for folder in folders)
    for sha256, folder, tokenizer in zip((sums256.src, sums256.tgt), folders, (src, tgt), strict=True):
        require_same_tokenizer(path, folder, f"SHA-256 {sha256}", f"SHA-256 {tokenizer.sha256}")
    attends = getattr(description.network, "attention", None) != "none"  # a Transformer has no such setting and attends
    return OpenTranslator(load_mt(path, description), src, tgt, attends)
