"""What a measurement of n-gram models measures."""

from dataclasses import dataclass
from pathlib import Path

from gradus.families.ngrams import NgramFolder


@dataclass(frozen=True)
class NgramSubject:
    """The n-gram models of one smoother, and their text."""

    model: NgramFolder
    """Opened folder of the models."""
    tokens: Path
    """Folder of token ids."""
