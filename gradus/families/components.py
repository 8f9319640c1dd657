"""Open the folder of a single language model, either n-grams or a network, but no mixture."""

from pathlib import Path

from gradus.errors import InputError
from gradus.families.networks import CONFIG, NeuralFolder, open_network_folder
from gradus.families.ngrams import MANIFEST, NgramFolder, open_ngrams

Component = NgramFolder | NeuralFolder
"""A model that a mixture can contain."""


def open_component(path: Path, *, sums: bool = True) -> Component:
    """Check the folder of n-gram models or of a network; the arrays are read later.

    Args:
        path: the model's folder.
        sums: whether to check the SHA-256 of every file. The size of every file is always checked.
    Raises:
        InputError: if the folder is missing or damaged, or holds no such model.
    """
    if (path / MANIFEST).exists():
        return open_ngrams(path, sums=sums)
    if (path / CONFIG).exists():
        return open_network_folder(path, sums=sums)
    raise InputError(
        path,
        expected=f"a language model, with {MANIFEST} (n-grams) or {CONFIG} (network)",
        found="neither file" if path.exists() else "no folder",
        remedy="name a folder in models/lm, which `dvc repro` creates (or `dvc pull` fetches)",
    )
