"""Public corpora by name: found in the folder `GRADUS_CORPORA`, else downloaded; every sum verified.

A registry is a stranger's file: its names stay in the folder, its addresses are https, its texts are printable.
"""

import hashlib
import os
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import pooch
from pydantic import Field
from pydantic.dataclasses import dataclass

from gradus.corpora.download import SERVER, download
from gradus.corpora.files import SPLITS, WHOLE, Log, open_input
from gradus.corpora.splits import Corpus, read_splits
from gradus.errors import InputError, RunError
from gradus.params import STRICT, read_params

REGISTRY = Path(__file__).with_name("registry.yaml")
Sum = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
FileName = Annotated[str, Field(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}$")]
"""A name that stays in its folder."""
Printable = Annotated[str, Field(pattern=r"^\P{C}*$", max_length=1000)]
"""One line without control and format characters, for it is printed on terminals."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Entry:
    """One corpus of the registry, as `registry.yaml` explains it."""

    folder: FileName
    prefix: Annotated[str, Field(pattern=rf"^{SERVER}/([!-~]*/)?$", max_length=1000)]
    terms: Printable
    citation: Printable
    largest: Annotated[int, Field(gt=0, le=2**30)]
    languages: list[FileName]
    splits: dict[str, Printable]
    files: dict[FileName, Sum]

    def __post_init__(self) -> None:
        if set(self.splits) not in (set(SPLITS), {WHOLE}):
            raise ValueError(f"splits are {', '.join(SPLITS)}, or {WHOLE} alone")
        named = {self.file(split, language) for split in self.splits for language in self.languages}
        if missing := named - set(self.files):
            raise ValueError(f"no SHA-256 for {', '.join(sorted(missing))}")

    def file(self, split: str, language: str) -> str:
        """Return the name of the file that holds a split in a language."""
        return self.splits[split].replace("{language}", language)


def corpus_names(registry: Path = REGISTRY) -> list[str]:
    """Return the names that the registry knows."""
    return list(read_params(registry, "corpora", dict[str, Any]))


def read_public(
    name: str, languages: tuple[str, ...], log: Log, registry: Path = REGISTRY, where: str = "language"
) -> Corpus:
    """Read a corpus of the registry, one column of lines per language, downloading what is not there yet.

    Args:
        name: its name.
        languages: of the columns.
        log: told of terms, downloads, and what is odd but accepted.
        registry: the YAML file.
        where: what asked for the languages, for errors.
    Raises:
        InputError: for a language that the corpus lacks, and for a file that differs from the published one.
        RunError: if a file must be downloaded and cannot.
    """
    entry = read_params(registry, f"corpora.{name}", Entry)
    for language in languages:
        if language not in entry.languages:
            known = ", ".join(entry.languages)
            raise InputError(
                where, expected=f"a language of {name} ({known})", found=repr(language), remedy="choose one"
            )

    def paths(split: str) -> list[Path]:
        return [fetch(entry, entry.file(split, language), log) for language in languages]

    return Corpus(read_splits(list(entry.splits), paths, log), entry.terms, entry.citation)


def corpora_folder() -> Path:
    """Return where downloaded corpora lie: `GRADUS_CORPORA`, relative to `DVC_ROOT`, else the user's cache."""
    chosen = os.environ.get("GRADUS_CORPORA")
    return Path(os.environ.get("DVC_ROOT", "."), chosen) if chosen else Path(pooch.os_cache("gradus"))


def fetch(entry: Entry, file: str, log: Log) -> Path:
    """Return the path of one file of a corpus, downloaded if it is not there, its sum verified.

    Raises:
        InputError: if the file's SHA-256 is not the published one.
        RunError: if the address does not answer.
    """
    path = corpora_folder() / entry.folder / file
    if path.exists():
        verify(path, entry.files[file], str(path), "delete it, and it is downloaded again")
    else:
        log(f"terms of {entry.folder}: {entry.terms}")
        log(f"downloading {entry.prefix}{file}")
        _download(entry, file, path)
    return path


def verify(path: Path, expected: str, name: str, remedy: str) -> None:
    """Refuse a file whose SHA-256 is not `expected`; the error calls it `name`."""
    with open_input(path, f"a file with SHA-256 {expected}") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != expected:
        raise InputError(name, expected=f"SHA-256 {expected}", found=found, remedy=remedy)


def _download(entry: Entry, file: str, path: Path) -> None:
    from requests.exceptions import RequestException

    pooch.get_logger().setLevel("WARNING")
    folder = pooch.create(
        path=path.parent, base_url=entry.prefix, registry={file: entry.files[file]}, retry_if_failed=2
    )
    try:
        folder.fetch(file, downloader=partial(_download_verified, entry=entry, file=file))
    except InputError:
        raise
    except (RequestException, ValueError) as error:  # ValueError: an answer's header that is no number
        raise RunError(
            f"{entry.prefix}{file}: cannot be downloaded ({type(error).__name__}); connect to the network, or put the "
            f"file at {path}, or set GRADUS_CORPORA to a folder that holds {entry.folder}/{file}"
        ) from None


def _download_verified(url: str, output: str, folder: Any, *, entry: Entry, file: str) -> None:
    """Download as pooch does, and name both sums where they differ."""
    download(url, output, folder, largest=entry.largest)
    remedy = "download it again later; if it stays so, the address holds another file"
    verify(Path(output), entry.files[file], url, remedy)
