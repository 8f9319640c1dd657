"""Load the tokenizer that a model was trained with; refuse other tokenizers."""

from pathlib import Path

from gradus.errors import InputError
from gradus.families.folder import ModelFolder
from gradus.text.manifest import JOINT
from gradus.text.tokenizers.tokenizer import Tokenizer, load_tokenizer


def load_model_tokenizer(model: ModelFolder) -> Tokenizer:
    """Load the tokenizer in the folder of a language model, and check that the model was trained with it.

    Raises:
        InputError: if the folder has no tokenizer, or the model was trained with a different tokenizer.
    """
    folder = model.path / JOINT
    tokenizer = load_own_tokenizer(folder)
    require_tokenizer(model, tokenizer, folder)
    return tokenizer


def load_own_tokenizer(folder: Path) -> Tokenizer:
    """Load a tokenizer from its folder inside the folder of a model.

    Raises:
        InputError: if the folder is missing, because an older gradus trained the model, or if a file is damaged.
    """
    if not folder.exists():
        raise InputError(
            folder,
            expected="the tokenizer of the model",
            found="no folder, because an older gradus made the model",
            remedy="make the model again (dvc repro)",
        )
    return load_tokenizer(folder)


def require_tokenizer(model: ModelFolder, tokenizer: Tokenizer, folder: Path) -> None:
    """Raise InputError unless a language model was trained with this tokenizer.

    Args:
        model: the opened model, whose description contains the size and the hash of its tokenizer.
        tokenizer: the tokenizer to check.
        folder: folder of the tokenizer, for the error.
    """
    # the size first, because "60 pieces" tells a reader more than a hash does
    require_same_tokenizer(model.path, folder, f"{model.vocabulary_size} pieces", f"{tokenizer.size} pieces")
    require_same_tokenizer(model.path, folder, f"SHA-256 {model.tokenizer_sha256}", f"SHA-256 {tokenizer.sha256}")


def require_same_tokenizer(model: Path, folder: Path, wanted: str, found: str) -> None:
    """Raise InputError if a tokenizer is not the tokenizer of a model.

    Args:
        model: folder of the model, for the error.
        folder: folder of the tokenizer, for the error.
        wanted: a property of the model's tokenizer, such as `60 pieces`.
        found: the same property of the tokenizer in `folder`.
    """
    if wanted != found:
        raise InputError(
            folder,
            expected=f"the tokenizer of {model} ({wanted})",
            found=found,
            remedy="name the folder with the tokens of the training text, or train the model again with `dvc repro`",
        )
