"""Load the tokenizer that a model was trained with, and refuse any other."""

from pathlib import Path

from gradus.errors import InputError
from gradus.families.folder import ModelFolder
from gradus.text.tokenizers.tokenizer import Tokenizer, load_tokenizer


def load_model_tokenizer(model: ModelFolder, tokens: Path) -> Tokenizer:
    """Return the tokenizer in a language model's folder, or else the tokenizer of its training text.

    Args:
        model: the model. `gradus ngram build` and `gradus ngram import` put a tokenizer into its folder.
        tokens: the folder that `tokenize` wrote.
    Raises:
        InputError: if there is no tokenizer, or the model was trained with another one.
    """
    own = model.path / "tokenizer"
    return load_checked_tokenizer(model, own if own.exists() else tokens / "tokenizer")


def load_checked_tokenizer(model: ModelFolder, folder: Path) -> Tokenizer:
    """Return the tokenizer of a folder.

    Raises:
        InputError: if there is no tokenizer, or the model was trained with another one.
    """
    tokenizer = load_tokenizer(folder)
    require_tokenizer(model, tokenizer, folder)
    return tokenizer


def require_tokenizer(model: ModelFolder, tokenizer: Tokenizer, folder: Path) -> None:
    """Refuse a tokenizer with which a language model was not trained.

    Args:
        folder: place of the tokenizer, for the error.
    Raises:
        InputError: if the size or the hash of the tokenizer differs from the one in the model's description.
    """
    # The size first, because "60 pieces" tells a reader more than a hash does.
    require_same_tokenizer(model.path, folder, f"{model.vocabulary_size} pieces", f"{tokenizer.size} pieces")
    require_same_tokenizer(model.path, folder, f"SHA-256 {model.tokenizer_sha256}", f"SHA-256 {tokenizer.sha256}")


def require_same_tokenizer(model: Path, folder: Path, wanted: str, found: str) -> None:
    """Raise InputError if a property of a tokenizer, in words, differs from that of the model's tokenizer."""
    if wanted != found:
        raise InputError(
            folder,
            expected=f"the tokenizer of {model}, {wanted}",
            found=found,
            remedy="give the tokens folder that the model was made from, or make the model again (dvc repro)",
        )
