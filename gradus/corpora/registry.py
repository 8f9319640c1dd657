"""Read public corpora, which a registry (YAML file) describes; download missing files; verify every checksum.

A registry may come from a stranger. So the file names in a registry must not lead out of the folder of corpora,
the addresses must be https, and the texts must be printable.
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
"""The registry file that is part of gradus."""
Checksum = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
"""A SHA-256 checksum in hexadecimal digits."""
FileName = Annotated[str, Field(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}$")]
"""A file name that cannot lead out of its folder."""
Printable = Annotated[str, Field(pattern=r"^\P{C}*$", max_length=1000)]
"""One line of text that is safe to print on a terminal: no control and no format characters."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Entry:
    """Description of one public corpus; the comments in `registry.yaml` explain the keys."""

    folder: FileName
    prefix: Annotated[str, Field(pattern=rf"^{SERVER}/([!-~]*/)?$", max_length=1000)]
    terms: Printable
    citation: Printable
    largest: Annotated[int, Field(gt=0, le=2**30)]
    languages: list[FileName]
    splits: dict[str, Printable]
    files: dict[FileName, Checksum]

    def __post_init__(self) -> None:
        if set(self.splits) not in (set(SPLITS), {WHOLE}):
            raise ValueError(f"the splits {', '.join(SPLITS)}, or only {WHOLE}")
        named = {self.file_name(split, language) for split in self.splits for language in self.languages}
        if missing := named - set(self.files):
            raise ValueError(f"a SHA-256 in `files` for {', '.join(sorted(missing))}")

    def file_name(self, split: str, language: str) -> str:
        """Return the file name of a split in a language."""
        return self.splits[split].replace("{language}", language)


def corpus_names(registry: Path = REGISTRY) -> list[str]:
    """Return the names of all corpora in a registry."""
    return list(read_params(registry, "corpora", dict[str, Any]))


def read_public(
    name: str, languages: tuple[str, ...], log: Log, registry: Path = REGISTRY, where: str = "language"
) -> Corpus:
    """Read a public corpus; download missing files.

    Args:
        name: name of the corpus.
        languages: one language for language models; source and target language for translation.
        log: called with messages about terms of use, downloads, and unusual text that is accepted.
        registry: YAML file that describes the public corpora.
        where: name of the parameter for the languages, for errors.
    Raises:
        InputError: if the corpus lacks a language, or if a file does not have its published checksum.
        RunError: if a download fails.
    """
    entry = read_params(registry, f"corpora.{name}", Entry)
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
        return [fetch(entry, entry.file_name(split, language), log) for language in languages]

    return Corpus(read_splits(list(entry.splits), paths, log), entry.terms, entry.citation)


def corpora_folder() -> Path:
    """Return the folder of downloaded corpora: `GRADUS_CORPORA` if it is set, else a folder in the user's cache.

    A relative path in `GRADUS_CORPORA` is relative to `DVC_ROOT` if DVC sets this variable.
    """
    chosen = os.environ.get("GRADUS_CORPORA")
    return Path(os.environ.get("DVC_ROOT", "."), chosen) if chosen else Path(pooch.os_cache("gradus"))


def fetch(entry: Entry, file: str, log: Log) -> Path:
    """Return the path of one verified file of a corpus; download the file if it is missing.

    Raises:
        InputError: if the file does not have its published checksum.
        RunError: if the download fails.
    """
    path = corpora_folder() / entry.folder / file
    if path.exists():  # verified at every run, because users can put files there themselves
        verify(path, entry.files[file], str(path), "delete the file; the next run downloads it again")
    else:
        log(f"terms of {entry.folder}: {entry.terms}")
        log(f"downloading {entry.prefix}{file}")
        _download(entry, file, path)
    return path


def verify(path: Path, expected: str, name: str, remedy: str) -> None:
    """Refuse a file whose SHA-256 is not `expected`; `name` names the file in the error."""
    with open_input(path, f"a file with SHA-256 {expected}") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != expected:
        raise InputError(name, expected=f"SHA-256 {expected}", found=found, remedy=remedy)


def _download(entry: Entry, file: str, path: Path) -> None:
    from requests.exceptions import RequestException

    pooch.get_logger().setLevel("WARNING")  # `fetch` reports downloads itself
    folder = pooch.create(
        path=path.parent, base_url=entry.prefix, registry={file: entry.files[file]}, retry_if_failed=2
    )
    try:
        folder.fetch(file, downloader=partial(_download_verified, entry=entry, file=file))
    except InputError:  # a ValueError too, with a better message
        raise
    except (RequestException, ValueError) as error:  # ValueError: a header that should be a number
        raise RunError(
            f"{entry.prefix}{file}: cannot be downloaded ({type(error).__name__}); connect to the network, or put the "
            f"file at {path}, or set GRADUS_CORPORA to a folder that holds {entry.folder}/{file}"
        ) from None


def _download_verified(url: str, output: str, folder: Any, *, entry: Entry, file: str) -> None:
    """Download a file and verify its checksum before pooch does, because pooch's error does not name both checksums."""
    download(url, output, folder, largest=entry.largest)
    remedy = "try again later; if the checksum is wrong again, the published file has changed"
    verify(Path(output), entry.files[file], url, remedy)
