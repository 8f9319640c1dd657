"""Find a corpus by its name, without reading its text."""

from pathlib import Path
from typing import get_args

from gradus.corpora.builtin.grammar import Language
from gradus.corpora.registry import REGISTRY, Entry, corpus_names
from gradus.errors import InputError
from gradus.params import read_params

BUILTIN = "builtin"


def require_corpus(name: str, own: Path, where: str, registry: Path = REGISTRY) -> None:
    """Refuse a name that no corpus has, or that two corpora have.

    Args:
        name: name of a corpus.
        own: folder of the user's corpora, with one subfolder per corpus.
        where: name of the parameter or option, for errors.
        registry: YAML file of the public corpora.
    Raises:
        InputError: if no corpus has this name, or if a folder in `own` has the name of the built-in or of a public
            corpus.
    """
    named, folder = (BUILTIN, *corpus_names(registry)), own / name
    # Refused rather than ranked: a silent choice between two corpora would surprise whoever guesses the other one.
    if name in named and folder.is_dir():
        expected = "a folder name that no built-in or public corpus has"
        raise InputError(folder, expected=expected, found=repr(name), remedy="rename the folder")
    if name not in named and not folder.is_dir():
        expected = f"{', '.join(named)}, or a folder in {own}"
        remedy = f"correct the name, or put text into {folder}"
        raise InputError(where, expected=expected, found=repr(name), remedy=remedy)


def languages_of(name: str, registry: Path = REGISTRY) -> tuple[str, ...] | None:
    """Return the languages of a corpus that `require_corpus` accepts; None for the user's own text.

    The language of own text is what the user says; gradus does not check it.
    """
    if name == BUILTIN:
        return get_args(Language)
    if name in corpus_names(registry):
        return tuple(read_params(registry, f"corpora.{name}", Entry).languages)
    return None
