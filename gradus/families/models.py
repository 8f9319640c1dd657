"""Open the folder of a model of any family."""

from pathlib import Path

from gradus.artifacts.json_files import read_json
from gradus.errors import InputError
from gradus.families.language_models import LanguageModelFolder, open_folder
from gradus.families.mixtures import MIXTURE_FILE
from gradus.families.networks import CONFIG
from gradus.families.ngrams import MANIFEST
from gradus.families.translation_models import OpenTranslator, open_translator


def open_model(path: Path, *, sums: bool = True) -> LanguageModelFolder | OpenTranslator:
    """Open the folder of n-gram models, of a neural language model, of a mixture or of a translation model.

    Args:
        path: the model's folder.
        sums: whether to check the SHA-256 of every file. The size of every file is always checked.
    Raises:
        InputError: if the folder is missing, holds no model or another format, or contains a file that was changed
            after the folder was written.
    """
    if (path / MANIFEST).exists() or (path / MIXTURE_FILE).exists():
        return open_folder(path, sums=sums)
    if not (path / CONFIG).exists():
        raise InputError(
            path,
            expected=f"the folder of a model, with {MANIFEST} (n-grams) or {CONFIG} (network)",
            found="neither file" if path.exists() else "no folder",
            remedy="name a folder in models/lm or models/mt, which `dvc repro` creates",
        )
    # imported here, because a program that opens n-grams should not wait for torch
    from gradus.networks.description import TRANSLATION_MODEL

    translates = TRANSLATION_MODEL.key in read_json(path / CONFIG)
    return open_translator(path, sums=sums) if translates else open_folder(path, sums=sums)
