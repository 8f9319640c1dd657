"""Test sets that sacreBLEU downloads and converts to text; sacreBLEU checks the MD5 sum of each download."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field
from pydantic.dataclasses import dataclass

from gradus.corpora.files import Log
from gradus.corpora.sources.bibtex import short_citation
from gradus.corpora.sources.rows import write_rows
from gradus.corpora.sources.source import Record, Source, Unreachable, lacks_language, not_installed
from gradus.errors import InputError
from gradus.params import STRICT


@dataclass(frozen=True, kw_only=True, config=STRICT)
class SacrebleuSet(Source):
    """One test set in one direction, such as `wmt14` from English to German. If it has several references, the first
    one is used.
    """

    kind: Literal["sacrebleu"]
    test_set: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_./-]*$", max_length=100)]
    direction: Annotated[str, Field(pattern=r"^[A-Za-z_]+-[A-Za-z_]+$", max_length=40)]
    separate: ClassVar[bool] = False

    def origin(self, file: str, language: str) -> str:
        """Return the notation of the command line, such as `sacrebleu:wmt14/en-de`."""
        return f"sacrebleu:{self.test_set}/{self.direction}"

    def write(self, files: Mapping[str, Path], largest: int, log: Log) -> None:
        """Write source and reference; sacreBLEU downloads the test set if its own cache lacks it."""
        dataset, origin = self._dataset(), self.origin("", "")
        log(f"reading {origin}")
        try:
            sides = [dataset.get_source_file(self.direction), dataset.get_reference_files(self.direction)[0]]
            columns = [Path(side).read_text(encoding="utf-8").removesuffix("\n").split("\n") for side in sides]
        except (Exception, SystemExit) as error:  # sacreBLEU ends the process if a checksum is wrong
            raise Unreachable(f"sacreBLEU failed: {type(error).__name__}") from None
        if len(columns[0]) != len(columns[1]):
            raise Unreachable(f"sacreBLEU has {len(columns[0])} source lines and {len(columns[1])} reference lines")
        places = [self._languages().index(language) for language in files]
        rows = ([row[place] for place in places] for row in zip(*columns, strict=True))
        write_rows(rows, list(files.values()), largest, origin, log)

    def pinned(self, split: str, languages: Sequence[str]) -> Source:
        """Refuse an unknown test set, and a test set for anything but validation and test."""
        if split not in ("valid", "test"):
            raise InputError(
                self.origin("", ""),
                expected="a source of training text",
                found="a test set",
                remedy="use a test set for --valid or --test",
            )
        self._dataset()
        for language in languages:
            if language not in self._languages():
                raise lacks_language(self.origin("", ""), self._languages(), language)
        return self

    def record(self) -> Record:
        """Return the publication that sacreBLEU names. sacreBLEU does not state terms of use."""
        dataset = self._dataset()
        cited = short_citation(dataset.citation or "")
        return Record(citation=cited or f"sacreBLEU {self.test_set}: {dataset.description}")

    def _languages(self) -> list[str]:
        return self.direction.split("-")

    def _dataset(self) -> Any:
        origin = self.origin("", "")
        try:
            from sacrebleu.dataset import DATASETS
        except ImportError:
            raise not_installed(origin, "sacrebleu", "sacrebleu") from None
        if self.test_set not in DATASETS:
            remedy = "sacrebleu --list shows all test sets"
            raise InputError(origin, expected="a test set of sacreBLEU", found=repr(self.test_set), remedy=remedy)
        dataset = DATASETS[self.test_set]
        if self.direction not in dataset.langpairs:
            known = ", ".join(sorted(dataset.langpairs))
            expected = f"a direction of {self.test_set} ({known})"
            raise InputError(origin, expected=expected, found=repr(self.direction), remedy="choose another direction")
        return dataset
