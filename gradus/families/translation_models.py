"""The folder of a translation model, with the tokenizers of its two sides."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import NDArray

from gradus.families.tokenizers import require_same_tokenizer
from gradus.text.tokenizer import load_tokenizer

if TYPE_CHECKING:
    import torch

    from gradus.decoding.sentences import Sentences
    from gradus.interfaces.step import Step
    from gradus.interfaces.translator import Translator
    from gradus.text.pairs import Lines
    from gradus.text.tokenizer import Tokenizer


def open_translator(
    path: Path, tokens: Path, *, sums: bool = True
) -> tuple["Translator", tuple["Tokenizer", "Tokenizer"]]:
    """Load a translation model, on the CPU, and its source and target tokenizers.

    Args:
        path: the model's folder.
        tokens: the folder that `tokenize` wrote.
        sums: whether to check the SHA-256 sum of every file; the structure is always checked.
    Raises:
        InputError: if a folder is missing, holds no translation model, or holds another tokenizer than the model's.
    """
    from gradus.networks.translation_models.build import load_mt, open_mt

    description = open_mt(path, sums=sums)
    joint, sums256 = description.vocabulary_sizes.joint, description.tokenizer_sha256
    folders = [tokens / ("tokenizer" if joint else f"tokenizer.{side}") for side in ("src", "tgt")]
    src, tgt = (load_tokenizer(folder) for folder in folders)
    for sha256, folder, tokenizer in zip((sums256.src, sums256.tgt), folders, (src, tgt), strict=True):
        require_same_tokenizer(path, folder, f"SHA-256 {sha256}", f"SHA-256 {tokenizer.sha256}")
    return load_mt(path, description), (src, tgt)


def translator_sentences(
    model: "Translator", src: "Lines", device: "torch.device", batch: int, max_length: int
) -> "Sentences":
    """Return source lines as what `decode_sentences` takes: a translation model's step for any of them."""
    import torch

    from gradus.decoding.sentences import Sentences
    from gradus.networks.translation_models.step import TranslationStep

    def step(rows: NDArray[np.int64]) -> "Step[Any]":
        ids = torch.from_numpy(src.padded(rows)).to(device)  # (B, S)
        return cast("Step[Any]", TranslationStep(model, ids, torch.from_numpy(src.lengths[rows])))

    return Sentences(src.lengths, step, batch, max_length)
