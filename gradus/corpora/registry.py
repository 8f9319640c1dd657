"""Read registered corpora, which registries (YAML files) describe: our public corpora, and the user's own entries.

A registry may come from a stranger. So the file names in a registry must not lead out of the folder of corpora,
the addresses must be https, the texts must be printable, and the names must differ from those of our registry.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from gradus.corpora.entry import Entry
from gradus.corpora.fetching import fetch
from gradus.corpora.files import Log
from gradus.corpora.splits import Corpus, read_splits
from gradus.errors import InputError
from gradus.names import require_name
from gradus.params import read_params

REGISTRY = Path(__file__).with_name("registry.yaml")
"""The registry file that is part of gradus."""
BUILTIN = "builtin"
"""Name of the corpus that gradus samples from its grammar."""


def corpus_names(registry: Path = REGISTRY) -> list[str]:
    """Return the names of all corpora in a registry."""
    return list(read_params(registry, "corpora", dict[str, Any]))


def own_names(registry: Path) -> list[str]:
    """Return the names of the corpora in the user's registry; a missing file has none.

    Raises:
        InputError: if the file is malformed, if a name is improper, or if it is the name of a built-in or of a public
            corpus.
    """
    if not registry.exists():
        return []
    names = corpus_names(registry)
    for name in names:
        require_name(name, f"{registry}: corpora")
    require_unused(names, f"{registry}: corpora")
    return names


def require_unused(names: Iterable[str], where: object) -> None:
    """Refuse the name of the built-in corpus and of a public corpus.

    Refused rather than ranked: a silent choice between two corpora would surprise whoever guesses the other one.
    """
    taken = {BUILTIN, *corpus_names()}
    for name in names:
        if name in taken:
            expected = "a name that no built-in or public corpus has"
            raise InputError(where, expected=expected, found=repr(name), remedy="choose another name")


def read_entry(name: str, registry: Path) -> Entry:
    """Read the entry of one corpus.

    Raises:
        InputError: if the registry lacks the name, or a key is missing, unknown or out of range, or if an entry of the
            user uses the folder of a public corpus.
    """
    entry = read_params(registry, f"corpora.{name}", Entry)
    if registry != REGISTRY:
        public = read_params(REGISTRY, "corpora", dict[str, Any]).values()
        if entry.folder in {other["folder"] for other in public}:
            where = f"{registry}: corpora.{name}.folder"
            expected = "a folder that no public corpus has"
            raise InputError(where, expected=expected, found=repr(entry.folder), remedy="correct the value")
    return entry


def read_registered(
    name: str, languages: tuple[str, ...], log: Log, registry: Path = REGISTRY, where: str = "language"
) -> Corpus:
    """Read a registered corpus; fetch missing files.

    Args:
        name: name of the corpus.
        languages: one language for language models; source and target language for translation.
        log: called with messages about terms of use, downloads, and unusual text that is accepted.
        registry: YAML file that describes the corpus.
        where: name of the parameter for the languages, for errors.
    Raises:
        InputError: if the corpus lacks a language, or if a file does not have its recorded checksum.
        RunError: if a download fails.
    """
    entry = read_entry(name, registry)
    for language in languages:  # checked before the first download
        if language not in entry.languages:
            known = ", ".join(entry.languages)
            raise InputError(
                where,
                expected=f"a language of {name} ({known})",
                found=repr(language),
                remedy="choose another language",
            )

    def paths(split: str) -> list[Path]:
        return fetch(entry, split, languages, log)

    return Corpus(read_splits(list(entry.splits), paths, log), entry.terms, entry.citation)
