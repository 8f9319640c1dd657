"""Open the folder of a language model: n-grams, a network or a mixture."""

from pathlib import Path

from gradus.families.components import Component, open_component
from gradus.families.mixtures import MIXTURE_FILE, MixtureFolder, open_mixture_folder

LanguageModelFolder = Component | MixtureFolder
"""Opened folder of a language model of any family."""


def open_folder(path: Path, *, sums: bool = True) -> LanguageModelFolder:
    """Check the folder of a language model, and read the file that describes it. The arrays are read later.

    Args:
        path: the model's folder.
        sums: whether to check the SHA-256 of every file. The size of every file is always checked.
    Raises:
        InputError: if the folder is missing, is not a language model, has another format, or contains a file that was
            changed after the folder was written.
    """
    if (path / MIXTURE_FILE).exists():
        return open_mixture_folder(path, sums=sums)
    return open_component(path, sums=sums)
