"""Find a corpus by its name, without reading its text."""

from collections.abc import Sequence
from pathlib import Path
from typing import get_args

from gradus.corpora.builtin.grammar import Language
from gradus.corpora.registry import corpus_names
from gradus.errors import InputError
from gradus.params import read_params

BUILTIN = "builtin"


def languages_of(name: str, own: Path, registries: Sequence[Path]) -> tuple[str, ...] | None:
    """Return the languages of a corpus; None for the user's own text, whose language gradus cannot know.

    Args:
        name: name of the corpus.
        own: folder of the user's corpora, with one subfolder per corpus.
        registries: YAML files that describe corpora; a missing file describes none.
    Raises:
        InputError: if no corpus has this name.
    """
    if name == BUILTIN:
        return get_args(Language)
    names = {registry: corpus_names(registry) for registry in registries if registry.exists()}
    for registry, known in names.items():
        if name in known:
            return tuple(read_params(registry, f"corpora.{name}.languages", list[str]))
    folder = own / name
    if folder.is_dir():
        return None
    expected = f"{', '.join((BUILTIN, *(each for known in names.values() for each in known)))}, or a folder in {own}"
    remedy = f"correct the name, or put text into {folder}"
    raise InputError("--corpus", expected=expected, found=repr(name), remedy=remedy)
