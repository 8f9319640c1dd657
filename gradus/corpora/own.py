"""Read the user's own text: a folder with three splits, or with one text that gradus splits by position."""

import os
from pathlib import Path

from gradus.corpora.files import SPLITS, WHOLE, Log
from gradus.corpora.splits import Corpus, read_splits
from gradus.errors import InputError


def read_own(folder: Path, suffixes: tuple[str, ...], log: Log) -> Corpus:
    """Read the files `{train,valid,test}.SUFFIX`, or read `text.SUFFIX` and split it by position.

    Args:
        folder: the user's folder.
        suffixes: `("txt",)` for language models, `("src", "tgt")` for translation.
        log: called with messages about unusual text that is accepted.
    Raises:
        InputError: if a file is missing or malformed, or if the folder has both splits and a whole text.
    """

    def paths(split: str) -> list[Path]:
        return [folder / f"{split}.{suffix}" for suffix in suffixes]

    # lexists also finds a broken link, so that the error of the reader names it
    whole = any(map(os.path.lexists, paths(WHOLE)))
    if whole and any(os.path.lexists(path) for split in SPLITS for path in paths(split)):
        raise InputError(
            folder,
            expected=f"either {WHOLE}.{suffixes[0]} or {', '.join(f'{split}.{suffixes[0]}' for split in SPLITS)}",
            found="both",
            remedy="remove the splits or the whole text",
        )
    return Corpus(read_splits([WHOLE] if whole else SPLITS, paths, log), "the user's own text", "none")
