"""Open any model's folder without knowing its family: as nats of a text, or as a step.

Families are imported when one of theirs is opened, so that scoring by n-grams never imports torch.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import NDArray

from gradus.artifacts import read_json
from gradus.errors import InputError

if TYPE_CHECKING:
    import torch

    from gradus.decoding.sentences import Sentences
    from gradus.decoding.step import Step
    from gradus.evaluation.language_model import LanguageModel
    from gradus.evaluation.neural import ScoringConfig
    from gradus.networks.translation import Translator
    from gradus.text.pairs import Lines
    from gradus.text.tokenizer import Tokenizer

NGRAM_FILE, NEURAL_FILE = "manifest.json", "config.json"
"""What each family's folder describes itself in."""


@dataclass(frozen=True)
class NgramFolder:
    """One smoother's models of every order."""

    path: Path
    manifest: Mapping[str, Any]

    @property
    def kind(self) -> str:
        """The smoother."""
        return str(self.manifest["smoother"]["kind"])

    @property
    def tokenizer_sha256(self) -> str:
        """Hash of the tokenizer whose ids it counted."""
        return str(self.manifest["tokenizer"]["sha256"])

    @property
    def order(self) -> int:
        """The highest order."""
        return max(map(int, self.manifest["orders"]))

    def line_nats(self, ids: NDArray[Any], order: int | None = None) -> NDArray[np.float64]:
        """Return -ln P of every token, (n_tokens,), every line by itself; infinite where P is zero."""
        from gradus.ngram.model import open_ngram

        return -open_ngram(self.path, order or self.order).log_probs(ids)

    def step(self, device: "torch.device") -> tuple["Step[Any]", "torch.device"]:
        """Return the highest order as a step, and the CPU, for n-grams are NumPy's."""
        import torch

        from gradus.ngram.model import open_ngram
        from gradus.ngram.step import NgramStep

        return NgramStep(open_ngram(self.path, self.order)), torch.device("cpu")


@dataclass(frozen=True)
class NeuralFolder:
    """One neural language model."""

    path: Path
    config: Mapping[str, Any]

    @property
    def kind(self) -> str:
        """The architecture."""
        return str(self.config["network"]["kind"])

    @property
    def tokenizer_sha256(self) -> str:
        """Hash of the tokenizer whose ids it was trained on."""
        return str(self.config["tokenizer_sha256"])

    def load(self, device: "torch.device") -> "LanguageModel":
        """Return the network, ready to be evaluated."""
        from gradus.networks.build import load_lm

        return load_lm(self.path)[0].to(device)

    def line_nats(self, ids: NDArray[Any], scoring: "ScoringConfig", device: "torch.device") -> NDArray[np.float64]:
        """Return -ln P of every token, (n_tokens,), every line by itself."""
        from gradus.evaluation.neural import line_nats

        return line_nats(self.load(device), ids, scoring)

    def step(self, device: "torch.device") -> tuple["Step[Any]", "torch.device"]:
        """Return the model as a step, and where it is."""
        from gradus.networks.step import LanguageModelStep

        return cast("Step[Any]", LanguageModelStep(self.load(device))), device


def open_folder(path: Path) -> NgramFolder | NeuralFolder:
    """Read what a language model's folder says of itself; its weights or counts are read when they are needed.

    Raises:
        InputError: if there is no model.
    """
    if (path / NGRAM_FILE).exists():
        return NgramFolder(path, read_json(path / NGRAM_FILE))
    if (path / NEURAL_FILE).exists():
        return NeuralFolder(path, read_json(path / NEURAL_FILE))
    raise InputError(
        path,
        expected=f"a language model ({NGRAM_FILE} of n-grams or {NEURAL_FILE} of a network)",
        found="neither" if path.exists() else "no folder",
        remedy="name a folder of models/lm; dvc repro makes them",
    )


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


def require_tokenizer(path: Path, wanted: str, tokenizer: Path, found: str) -> None:
    """Refuse a tokenizer that is not the one whose ids a model knows.

    Args:
        path: the model's folder.
        wanted: SHA-256 that the model remembers.
        tokenizer: the tokenizer's folder.
        found: its SHA-256.
    Raises:
        InputError: if they differ.
    """
    if wanted != found:
        raise InputError(
            tokenizer,
            expected=f"the tokenizer of {path}, SHA-256 {wanted[:12]}…",
            found=f"{found[:12]}…",
            remedy="give the tokens folder that the model was made from, or make the model again (dvc repro)",
        )


def load_sides(tokens: Path, model: Path, description: Mapping[str, Any]) -> tuple["Tokenizer", "Tokenizer"]:
    """Return the tokenizers of source and target, one and the same where the vocabulary is joint.

    Args:
        tokens: folder that `tokenize` wrote.
        model: the translation model's folder, and
        description: what it says of itself.
    Raises:
        InputError: if one is missing, or not the one whose ids the model knows.
    """
    from gradus.text.tokenizer import load_tokenizer

    joint = description["vocabulary_sizes"]["joint"]
    folders = [tokens / ("tokenizer" if joint else f"tokenizer.{side}") for side in ("src", "tgt")]
    src, tgt = (load_tokenizer(folder) for folder in folders)
    for side, folder, tokenizer in zip(("src", "tgt"), folders, (src, tgt), strict=True):
        require_tokenizer(model, description["tokenizer_sha256"][side], folder, tokenizer.sha256)
    return src, tgt
