"""Interface of all sources of text."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, ClassVar

from gradus.corpora.files import Log
from gradus.errors import InputError

NO_CITATION = "none"
"""Citation of a text that has no publication and no address."""


class Unreachable(Exception):
    """Failure of a server or of a library; the text of this exception says why."""


@dataclass(frozen=True)
class Record:
    """Terms of use and citation that a source itself states."""

    terms: str = ""
    """Terms of use; empty if the source states none."""
    citation: str = NO_CITATION
    """Publication, or another identification of the text."""


class Source(ABC):
    """Origin of the text of one split of a corpus. The fields of a subclass are the keys in the registry."""

    separate: ClassVar[bool] = True
    """Whether the source has one file per language, so that the text of one language can be fetched alone."""
    fetchable: ClassVar[bool] = True
    """Whether another machine can fetch the text."""

    @abstractmethod
    def origin(self, file: str, language: str) -> str:
        """Return a name for the origin of a file, for messages."""

    @abstractmethod
    def write(self, files: Mapping[str, Path], largest: int, log: Log) -> None:
        """Write the text of each language to a file.

        Args:
            files: dict from a language to the file to write. The folder of the file exists, the file does not.
            largest: maximum size of a file in bytes.
            log: called with messages about downloads and about pairs that are left out.
        Raises:
            InputError: if the source lacks a language, or its library is not installed.
            RunError: if a file is larger than `largest`.
            Unreachable: if a server or a library fails.
        """

    def pinned(self, split: str, languages: Sequence[str]) -> "Source":
        """Return the source that the registry records, with everything that decides the text.

        Args:
            split: the split of the corpus that the source is for.
            languages: the languages of the corpus.
        Raises:
            InputError: if the source lacks the split or a language, or its library is not installed.
            Unreachable: if a server or a library fails.
        """
        return self

    def settings(self) -> dict[str, Any]:
        """Return the keys and values that the registry records."""
        return asdict(self)  # type: ignore[call-overload, no-any-return]  # every subclass is a dataclass

    def record(self) -> Record:
        """Return the terms of use and the citation that the source states. Call this method after `pinned`.

        The citation is the address or the identifier of the text if the source states none.
        """
        return Record()


def not_installed(origin: str, package: str, install: str) -> InputError:
    """Return the error about a missing package; `install` is what the user must give to pip."""
    remedy = f"pip install '{install}'"
    return InputError(origin, expected=f"the package {package}", found="no such package", remedy=remedy)


def lacks_language(origin: str, known: Sequence[str], language: str) -> InputError:
    """Return the error about a language that a source does not have."""
    expected = f"a language of this source ({', '.join(known)})"
    return InputError(origin, expected=expected, found=repr(language), remedy="choose another language or source")
