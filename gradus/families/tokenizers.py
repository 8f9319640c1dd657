"""The tokenizer that a model was trained with, and the refusal of any other."""

from pathlib import Path
from typing import Protocol

from gradus.errors import InputError
from gradus.text.tokenizer import Tokenizer, load_tokenizer


class ModelFolder(Protocol):
    """The folder of a language model of any family."""

    @property
    def path(self) -> Path:
        """Where it is."""
        ...

    @property
    def vocabulary_size(self) -> int:
        """Number of token ids."""
        ...

    @property
    def tokenizer_sha256(self) -> str | None:
        """SHA-256 of the model's tokenizer; None if the model does not record it."""
        ...


def load_model_tokenizer(model: ModelFolder, tokens: Path) -> Tokenizer:
    """Return a language model's tokenizer: its own, or that of the tokens which it was made from.

    Args:
        model: the model; one that was built or imported by itself has a folder `tokenizer`.
        tokens: the folder that `tokenize` wrote.
    Raises:
        InputError: if it is missing, or not the one whose ids the model knows.
    """
    own = model.path / "tokenizer"
    folder = own if own.exists() else tokens / "tokenizer"
    tokenizer = load_tokenizer(folder)
    require_tokenizer(model, tokenizer, folder)
    return tokenizer


def require_tokenizer(model: ModelFolder, tokenizer: Tokenizer, folder: Path) -> None:
    """Refuse a tokenizer that is not the one whose ids a language model knows.

    Raises:
        InputError: if its size differs from the model's vocabulary, or its hash from the one the model remembers.
    """
    require_same_tokenizer(model.path, folder, f"{model.vocabulary_size} pieces", f"{tokenizer.size} pieces")
    if model.tokenizer_sha256 is not None:
        expected, found = f"SHA-256 {model.tokenizer_sha256}", f"SHA-256 {tokenizer.sha256}"
        require_same_tokenizer(model.path, folder, expected, found)


def require_same_tokenizer(model: Path, folder: Path, wanted: str, found: str) -> None:
    """Raise InputError if a property of a tokenizer is not the one that the model was trained with."""
    if wanted != found:
        raise InputError(
            folder,
            expected=f"the tokenizer of {model}, {wanted}",
            found=found,
            remedy="give the tokens folder that the model was made from, or make the model again (dvc repro)",
        )
