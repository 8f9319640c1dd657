"""Open the folder of a language model, either n-grams or a network."""

from pathlib import Path

from gradus.errors import InputError
from gradus.families.networks import CONFIG, NeuralFolder, open_network_folder
from gradus.families.ngrams import MANIFEST, NgramFolder, open_ngrams


def open_folder(path: Path, *, sums: bool = True) -> NgramFolder | NeuralFolder:
    """Check the folder of a language model, and read its manifest or `config.json`. The arrays are read later.

    Args:
        path: the model's folder.
        sums: whether to check the SHA-256 of every file. The size of every file is always checked.
    Raises:
        InputError: if the folder is missing, is not a language model, has another format, or contains a file that was
            changed after the folder was written.
    """
    if (path / MANIFEST).exists():
        return open_ngrams(path, sums=sums)
    if (path / CONFIG).exists():
        return open_network_folder(path, sums=sums)
    raise InputError(
        path,
        expected=f"a language model, with {MANIFEST} (n-grams) or {CONFIG} (network)",
        found="neither file" if path.exists() else "no folder",
        remedy="name a folder in models/lm, which `dvc repro` creates",
    )
