"""Open the folder of a language model of any family."""

from pathlib import Path

from gradus.errors import InputError
from gradus.families.networks import CONFIG, NeuralFolder, open_network_folder
from gradus.families.ngrams import MANIFEST, NgramFolder, open_ngrams


def open_folder(path: Path, *, sums: bool = True) -> NgramFolder | NeuralFolder:
    """Check a language model's folder and read its description; arrays are opened when they are needed.

    Args:
        path: the model's folder.
        sums: whether to check the SHA-256 sum of every file; the structure is always checked.
    Raises:
        InputError: if there is no model, it has another format, or a file has changed since it was written.
    """
    if (path / MANIFEST).exists():
        return open_ngrams(path, sums=sums)
    if (path / CONFIG).exists():
        return open_network_folder(path, sums=sums)
    raise InputError(
        path,
        expected=f"a language model ({MANIFEST} of n-grams or {CONFIG} of a network)",
        found="neither file" if path.exists() else "no folder",
        remedy="name a folder of models/lm; dvc repro makes them",
    )
