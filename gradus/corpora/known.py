"""List all corpora that params.yaml can name."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from gradus.corpora.entry import Entry
from gradus.corpora.fetching import corpora_folder
from gradus.corpora.registry import BUILTIN, REGISTRY, corpus_names, own_names, read_entry


@dataclass(frozen=True)
class KnownCorpus:
    """One corpus."""

    name: str
    kind: Literal["built-in", "public", "registered", "own folder"]
    languages: tuple[str, ...]
    """Languages; empty for a folder in `data/own`, which does not state them."""
    tracks: tuple[Literal["lm", "mt"], ...]
    """Tracks that the corpus can train: `lm` (language models), `mt` (translation models)."""
    terms: str
    files: Mapping[Path, bool]
    """Dict from the file of each split and language to whether it is on this machine; empty if there are no files."""


def known_corpora(registry: Path, own: Path) -> list[KnownCorpus]:
    """Return the built-in corpus, the public corpora, the user's registered corpora, and the folders of own text.

    Args:
        registry: the user's registry; it may be missing.
        own: folder of the user's corpora without an entry; it may be missing.
    Raises:
        InputError: if a registry is malformed.
    """
    return [
        KnownCorpus(BUILTIN, "built-in", ("en", "de"), ("lm", "mt"), "free: made by gradus", {}),
        *(_described(name, "public", read_entry(name, REGISTRY)) for name in corpus_names()),
        *(_described(name, "registered", read_entry(name, registry)) for name in own_names(registry)),
        *_folders(own),
    ]


def _described(name: str, kind: Literal["public", "registered"], entry: Entry) -> KnownCorpus:
    folder = corpora_folder() / entry.folder
    files = {folder / file: (folder / file).is_file() for file in entry.file_names()}
    tracks: tuple[Literal["lm", "mt"], ...] = ("lm", "mt") if len(entry.languages) > 1 else ("lm",)
    return KnownCorpus(name, kind, tuple(entry.languages), tracks, entry.terms, files)


def _folders(own: Path) -> Iterator[KnownCorpus]:
    for folder in sorted(path for path in own.glob("*") if path.is_dir()):
        files = {path: True for path in sorted(folder.glob("*.*")) if path.suffix in (".txt", ".src", ".tgt")}
        suffixes = {path.suffix for path in files}
        lm: tuple[Literal["lm", "mt"], ...] = ("lm",) if ".txt" in suffixes else ()
        mt: tuple[Literal["lm", "mt"], ...] = ("mt",) if {".src", ".tgt"} <= suffixes else ()
        yield KnownCorpus(folder.name, "own folder", (), lm + mt, "your own text", files)
