"""The user's own text: a folder of three splits, or of one text that is split by position."""

import os
from pathlib import Path

from gradus.corpora.files import SPLITS, WHOLE, Log
from gradus.corpora.splits import Corpus, read_splits
from gradus.errors import InputError


def read_own(folder: Path, suffixes: tuple[str, ...], log: Log) -> Corpus:
    """Read `{train,valid,test}.SUFFIX`, or split `text.SUFFIX` 90/5/5 by position.

    Args:
        folder: the user's folder.
        suffixes: `("txt",)` for a language model, `("src", "tgt")` for translation.
        log: receives messages about unusual text that is accepted.
    Raises:
        InputError: if files are missing or malformed, or if there are files of both kinds.
    """

    def paths(split: str) -> list[Path]:
        return [folder / f"{split}.{suffix}" for suffix in suffixes]

    # lexists also finds a broken link, so that the error of the reader names it
    whole = any(map(os.path.lexists, paths(WHOLE)))
    if whole and any(os.path.lexists(path) for split in SPLITS for path in paths(split)):
        raise InputError(
            folder,
            expected=f"either {WHOLE}.{suffixes[0]} or {', '.join(f'{split}.{suffixes[0]}' for split in SPLITS)}",
            found="files of both kinds",
            remedy="remove the files of one kind",
        )
    return Corpus(read_splits([WHOLE] if whole else SPLITS, paths, log), "the user's own text", "none")
