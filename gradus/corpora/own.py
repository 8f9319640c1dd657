"""Text of the user's own: a folder with three files per column, or with one that is split by position."""

import os
from pathlib import Path

from gradus.corpora.files import SPLITS, WHOLE, Log
from gradus.corpora.splits import Corpus, read_splits
from gradus.errors import InputError


def read_own(folder: Path, suffixes: tuple[str, ...], log: Log) -> Corpus:
    """Read `{train,valid,test}.SUFFIX`, or `text.SUFFIX` split 90/5/5 by position.

    Args:
        folder: the user's folder.
        suffixes: `("txt",)` for a language model, `("src", "tgt")` for translation.
        log: told of what is odd but accepted.
    Raises:
        InputError: if files are missing or malformed, or if there are both kinds.
    """

    def paths(split: str) -> list[Path]:
        return [folder / f"{split}.{suffix}" for suffix in suffixes]

    whole = any(map(os.path.lexists, paths(WHOLE)))  # what is there and cannot be read is refused by who reads it
    if whole and any(os.path.lexists(path) for split in SPLITS for path in paths(split)):
        raise InputError(
            folder,
            expected=f"either {WHOLE}.{suffixes[0]} or {', '.join(f'{split}.{suffixes[0]}' for split in SPLITS)}",
            found="files of both kinds",
            remedy="remove one kind",
        )
    return Corpus(read_splits([WHOLE] if whole else SPLITS, paths, log), "the user's own text", "none")
