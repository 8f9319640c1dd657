"""Text files of the user, which gradus copies to its folder of corpora."""

import os
from collections.abc import Mapping
from dataclasses import dataclass as plain_dataclass
from pathlib import Path
from typing import ClassVar, Literal

from pydantic.dataclasses import dataclass

from gradus.corpora.files import Log, open_input
from gradus.corpora.sources.source import Source, Unreachable
from gradus.errors import RunError
from gradus.params import STRICT

_BLOCK = 1 << 20  # bytes


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Copied(Source):
    """Files that were on the machine where the corpus was added.

    The registry does not record their folder: it says nothing on another machine, and can reveal a user's name.
    """

    kind: Literal["copy"]
    fetchable: ClassVar[bool] = False

    def origin(self, file: str, language: str) -> str:
        """Return the file's name, because the registry knows nothing else about its origin."""
        return file

    def write(self, files: Mapping[str, Path], largest: int, log: Log) -> None:
        """Fail, because only a person can copy the files to this machine."""
        raise Unreachable("the files are on the machine on which the corpus was added")


@plain_dataclass(frozen=True)
class LocalFiles(Source):
    """Files on this machine, as the command line names them; the registry records `Copied` in their place."""

    pattern: str
    """Path with `{language}` in place of the language."""

    def origin(self, file: str, language: str) -> str:
        """Return the path of the user's file."""
        return self.pattern.replace("{language}", language)

    def write(self, files: Mapping[str, Path], largest: int, log: Log) -> None:
        """Copy the files byte by byte."""
        for language, path in files.items():
            source = Path(self.origin(path.name, language))
            with open_input(source, "a text file, one sentence per line") as file, path.open("wb") as copy:
                if os.fstat(file.fileno()).st_size > largest:
                    raise RunError(f"{source}: expected at most {largest} bytes, found a larger file; use a part of it")
                while block := file.read(_BLOCK):
                    copy.write(block)


def recorded(source: Source) -> Source:
    """Return what the registry records for a source."""
    return Copied(kind="copy") if isinstance(source, LocalFiles) else source
