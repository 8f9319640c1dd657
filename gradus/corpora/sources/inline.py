"""Short texts that a registry itself contains."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field
from pydantic.dataclasses import dataclass

from gradus.corpora.fields import FileName, Printable
from gradus.corpora.files import Log
from gradus.corpora.sources.source import Source, lacks_language
from gradus.params import STRICT


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Inline(Source):
    """Lines of text in the registry."""

    kind: Literal["inline"]
    lines: Annotated[dict[FileName, Annotated[list[Printable], Field(min_length=1)]], Field(min_length=1)]
    """Dict from a language to the lines of its text."""

    def origin(self, file: str, language: str) -> str:
        """Return the file's name, because the text is in the registry."""
        return file

    def write(self, files: Mapping[str, Path], largest: int, log: Log) -> None:
        """Write the lines of each language."""
        for language, path in files.items():
            if language not in self.lines:
                raise lacks_language(path.name, list(self.lines), language)
            path.write_text("".join(f"{line}\n" for line in self.lines[language]), encoding="utf-8", newline="\n")
