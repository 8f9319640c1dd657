"""What a measurement of n-gram models measures."""

from dataclasses import dataclass
from pathlib import Path

from gradus.families.ngrams import NgramFolder, open_ngrams
from gradus.families.tokenizers import require_same_tokenizer
from gradus.text.token_ids import open_tokens


@dataclass(frozen=True)
class NgramSubject:
    """The n-gram models of one smoother, and their text."""

    model: NgramFolder
    """Opened folder of the models."""
    tokens: Path
    """Folder of token ids."""


def open_ngram_subject(path: Path, tokens: Path) -> NgramSubject:
    """Check the folders of n-gram models and of token ids.

    Raises:
        InputError: if a folder is missing or damaged, or the models were made with another tokenizer.
    """
    model, manifest = open_ngrams(path), open_tokens(tokens)
    require_same_tokenizer(path, tokens, f"SHA-256 {model.tokenizer_sha256}", f"SHA-256 {manifest.tokenizer().sha256}")
    return NgramSubject(model, tokens)
