"""Fetch the missing files of a registered corpus, and verify the checksum of every file."""

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path

import pooch

from gradus.artifacts.temporary import temporary_beside
from gradus.corpora.entry import Entry
from gradus.corpora.files import Log, open_input
from gradus.corpora.sources.source import Source, Unreachable
from gradus.errors import InputError, RunError


def corpora_folder() -> Path:
    """Return the folder of registered corpora: `GRADUS_CORPORA` if it is set, else a folder in the user's cache.

    A relative path in `GRADUS_CORPORA` is relative to `DVC_ROOT` if DVC sets this variable.
    """
    chosen = os.environ.get("GRADUS_CORPORA")
    return Path(os.environ.get("DVC_ROOT", "."), chosen) if chosen else Path(pooch.os_cache("gradus"))


def fetch(entry: Entry, split: str, languages: Sequence[str], log: Log) -> list[Path]:
    """Return the paths of the verified files of one split, one file per language; fetch missing files.

    Raises:
        InputError: if a file does not have its recorded checksum, or is missing and only a person can copy it.
        RunError: if a file cannot be fetched.
    """
    folder = corpora_folder() / entry.folder
    paths = {language: folder / entry.file_name(split, language) for language in languages}
    again = "delete the file; the next run fetches it again"
    remedy = again if entry.sources[split].fetchable else f"put back the file, or remove and add the corpus: {_CHANGED}"
    for path in paths.values():
        if path.exists():  # verified at every run, because users can put files there themselves
            verify(path, entry.files[path.name], str(path), remedy)
    missing = [language for language, path in paths.items() if not path.exists()]
    if missing:
        _fetch_missing(entry, split, missing, log)
    return list(paths.values())


_CHANGED = "gradus corpus remove NAME, gradus corpus add NAME"


def verify(path: Path, expected: str, name: str, remedy: str) -> None:
    """Refuse a file whose SHA-256 is not `expected`; `name` names the file in the error."""
    found = sha256(path, f"a file with SHA-256 {expected}")
    if found != expected:
        raise InputError(name, expected=f"SHA-256 {expected}", found=found, remedy=remedy)


def sha256(path: Path, expected: str = "a file") -> str:
    """Return the SHA-256 of a file in hexadecimal digits; `expected` is the kind of file for an error."""
    with open_input(path, expected) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _fetch_missing(entry: Entry, split: str, missing: Sequence[str], log: Log) -> None:
    """Fetch files into a temporary folder, verify them there, and move them into the folder of the corpus."""
    source, folder = entry.sources[split], corpora_folder() / entry.folder
    if not source.fetchable:
        raise _must_be_copied(entry, folder / entry.file_name(split, missing[0]))
    log(f"terms of {entry.folder}: {entry.terms}")
    languages = missing if source.separate else entry.languages
    with temporary_beside(folder.resolve() / "fetch") as new:
        new.mkdir()
        files = {language: new / entry.file_name(split, language) for language in languages}
        try:
            source.write(files, entry.largest, log)
        except Unreachable as error:
            raise _unreachable(entry, source, split, missing[0], error) from None
        for language in missing:
            name = files[language].name
            remedy = "try again later; if the checksum is wrong again, the published file has changed"
            verify(files[language], entry.files[name], source.origin(name, language), remedy)
        for language in missing:
            files[language].replace(folder / files[language].name)


def _must_be_copied(entry: Entry, path: Path) -> InputError:
    return InputError(
        path,
        expected=f"a file with SHA-256 {entry.files[path.name]}",
        found="no file",
        remedy="copy the file to this place from the machine on which this corpus was added, because no address of it "
        f"is known, or set GRADUS_CORPORA to a folder that holds {entry.folder}/{path.name}",
    )


def _unreachable(entry: Entry, source: Source, split: str, language: str, error: Unreachable) -> RunError:
    name = entry.file_name(split, language)
    return RunError(
        f"{source.origin(name, language)}: cannot be downloaded ({error}); connect to the network, or put the file at "
        f"{corpora_folder() / entry.folder / name}, or set GRADUS_CORPORA to a folder that holds {entry.folder}/{name}"
    )
