"""Description of one registered corpus, public or of the user's own."""

from typing import Annotated

from pydantic import Field
from pydantic.dataclasses import dataclass

from gradus.corpora.fields import LARGEST, Checksum, FileName, Printable, Stated
from gradus.corpora.files import SPLITS, WHOLE
from gradus.corpora.sources.table import AnySource
from gradus.params import STRICT


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Entry:
    """Description of one corpus; the comments in `registry.yaml` explain the keys."""

    folder: FileName
    terms: Stated
    citation: Stated
    largest: Annotated[int, Field(gt=0, le=LARGEST)]
    languages: Annotated[list[FileName], Field(min_length=1)]
    splits: dict[str, Printable]
    sources: dict[str, AnySource]
    files: dict[FileName, Checksum]

    def __post_init__(self) -> None:
        if set(self.splits) not in (set(SPLITS), {WHOLE}):
            raise ValueError(f"the splits {', '.join(SPLITS)}, or only {WHOLE}")
        if set(self.sources) != set(self.splits):
            raise ValueError(f"a source in `sources` for {', '.join(self.splits)}")
        named = {self.file_name(split, language) for split in self.splits for language in self.languages}
        if missing := named - set(self.files):
            raise ValueError(f"a SHA-256 in `files` for {', '.join(sorted(missing))}")

    def file_name(self, split: str, language: str) -> str:
        """Return the file name of a split in a language."""
        return self.splits[split].replace("{language}", language)

    def file_names(self) -> list[str]:
        """Return the names of the files of all splits and languages, each once."""
        names = [self.file_name(split, language) for split in self.splits for language in self.languages]
        return list(dict.fromkeys(names))
