"""Open any model's folder without knowing its family.

Families are imported when one of theirs is opened, so that scoring by n-grams never imports torch.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import NDArray

from gradus.errors import InputError

if TYPE_CHECKING:
    import torch

    from gradus.decoding.sentences import Sentences
    from gradus.decoding.step import Step
    from gradus.evaluation.language_model import LanguageModel
    from gradus.networks.translation import Translator
    from gradus.ngram.model import NgramModel
    from gradus.text.pairs import Lines
    from gradus.text.tokenizer import Tokenizer

NGRAM_FILE, NEURAL_FILE = "manifest.json", "config.json"
"""What each family's folder describes itself in."""


@dataclass(frozen=True)
class NgramFolder:
    """One smoother's models of every order."""

    path: Path
    description: Mapping[str, Any]

    @property
    def kind(self) -> str:
        """The smoother."""
        return str(self.description["kind"])

    @property
    def orders(self) -> list[int]:
        """The orders, ascending."""
        return sorted(map(int, self.description["orders"]))

    @property
    def fitted(self) -> Mapping[str, Any]:
        """What was fitted for the model of the highest order, by the order of the n-grams."""
        found: Mapping[str, Any] = self.description["orders"][str(self.orders[-1])]["fitted"]
        return found

    def model(self, order: int) -> "NgramModel":
        """Memory-map the model of one order."""
        from gradus.ngram.storage import open_ngram

        return open_ngram(self.path, order)

    def step(self, device: "torch.device") -> tuple["Step[Any]", "torch.device"]:
        """Return the highest order as a step, and the CPU, for n-grams are NumPy's."""
        import torch

        from gradus.ngram.step import NgramStep

        return NgramStep(self.model(self.orders[-1])), torch.device("cpu")


@dataclass(frozen=True)
class NeuralFolder:
    """One neural language model."""

    path: Path
    description: Mapping[str, Any]

    @property
    def kind(self) -> str:
        """The architecture."""
        return str(self.description["network"]["kind"])

    def model(self, device: "torch.device") -> "LanguageModel":
        """Return the network, ready to be evaluated."""
        from gradus.networks.build import load_lm

        return load_lm(self.path, self.description).to(device)

    def step(self, device: "torch.device") -> tuple["Step[Any]", "torch.device"]:
        """Return the model as a step, and where it is."""
        from gradus.networks.step import LanguageModelStep

        return cast("Step[Any]", LanguageModelStep(self.model(device))), device


def open_folder(path: Path, *, sums: bool = True) -> NgramFolder | NeuralFolder:
    """Check a language model's folder and read what it says of itself; its arrays are opened when they are needed.

    Args:
        path: the model's folder.
        sums: whether to check the SHA-256 sum of every file; structure is checked in any case.
    Raises:
        InputError: if there is no model, one of another format, or one that is not as it was written.
    """
    if (path / NGRAM_FILE).exists():
        from gradus.ngram.storage import open_models

        return NgramFolder(path, open_models(path, sums=sums))
    if (path / NEURAL_FILE).exists():
        from gradus.networks.build import open_lm

        return NeuralFolder(path, open_lm(path, sums=sums))
    raise InputError(
        path,
        expected=f"a language model ({NGRAM_FILE} of n-grams or {NEURAL_FILE} of a network)",
        found="neither" if path.exists() else "no folder",
        remedy="name a folder of models/lm; dvc repro makes them",
    )


def open_translator(
    path: Path, tokens: Path, *, sums: bool = True
) -> tuple["Translator", tuple["Tokenizer", "Tokenizer"]]:
    """Return a translation model on the CPU, and the tokenizers of its two sides, maybe one and the same.

    Args:
        path: the model's folder.
        tokens: the folder that `tokenize` wrote.
        sums: as for `open_folder`.
    Raises:
        InputError: if one is missing, or a tokenizer is not the one whose ids the model knows.
    """
    from gradus.networks.build_mt import load_mt, open_mt
    from gradus.text.tokenizer import load_tokenizer

    description = open_mt(path, sums=sums)
    joint = description["vocabulary_sizes"]["joint"]
    folders = [tokens / ("tokenizer" if joint else f"tokenizer.{side}") for side in ("src", "tgt")]
    src, tgt = (load_tokenizer(folder) for folder in folders)
    for side, folder, tokenizer in zip(("src", "tgt"), folders, (src, tgt), strict=True):
        _require_same(path, folder, f"SHA-256 {description['tokenizer_sha256'][side]}", f"SHA-256 {tokenizer.sha256}")
    return load_mt(path, description), (src, tgt)


def translator_sentences(
    model: "Translator", src: "Lines", device: "torch.device", batch: int, max_length: int
) -> "Sentences":
    """Return source lines as what `decode_sentences` takes: a translation model's step for any of them."""
    import torch

    from gradus.decoding.sentences import Sentences
    from gradus.networks.translation_step import TranslationStep

    def step(rows: NDArray[np.int64]) -> "Step[Any]":
        ids = torch.from_numpy(src.padded(rows)).to(device)  # (B, S)
        return cast("Step[Any]", TranslationStep(model, ids, torch.from_numpy(src.lengths[rows])))

    return Sentences(src.lengths, step, batch, max_length)


def load_model_tokenizer(model: NgramFolder | NeuralFolder, tokens: Path) -> "Tokenizer":
    """Return a language model's tokenizer: its own, or that of the tokens which it was made from.

    Args:
        model: the model; one that was built or imported by itself has a folder `tokenizer`.
        tokens: the folder that `tokenize` wrote.
    Raises:
        InputError: if it is missing, or not the one whose ids the model knows.
    """
    from gradus.text.tokenizer import load_tokenizer

    own = model.path / "tokenizer"
    folder = own if own.exists() else tokens / "tokenizer"
    tokenizer = load_tokenizer(folder)
    require_tokenizer(model, tokenizer, folder)
    return tokenizer


def require_tokenizer(model: NgramFolder | NeuralFolder, tokenizer: "Tokenizer", folder: Path) -> None:
    """Refuse a tokenizer that is not the one whose ids a language model knows.

    Raises:
        InputError: if its size differs from the model's vocabulary, or its hash from the one the model remembers.
    """
    size, sha256 = model.description["vocabulary_size"], model.description.get("tokenizer_sha256")
    _require_same(model.path, folder, f"{size} pieces", f"{tokenizer.size} pieces")
    if sha256 is not None:
        _require_same(model.path, folder, f"SHA-256 {sha256}", f"SHA-256 {tokenizer.sha256}")


def _require_same(model: Path, folder: Path, wanted: str, found: str) -> None:
    if wanted != found:
        raise InputError(
            folder,
            expected=f"the tokenizer of {model}, {wanted}",
            found=found,
            remedy="give the tokens folder that the model was made from, or make the model again (dvc repro)",
        )
