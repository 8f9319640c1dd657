"""Read the facts that the stage `acquire` wrote about a corpus."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from pydantic import Field
from pydantic.dataclasses import dataclass

from gradus.artifacts.json_files import read_json
from gradus.artifacts.seals import REMEDY, open_sealed
from gradus.corpora.files import CORPUS, SPLITS
from gradus.errors import InputError
from gradus.results.fields import RESULT, Count
from gradus.results.files import parse_result

Floor = Annotated[float, Field(ge=0, le=sys.float_info.max)]


@dataclass(frozen=True, kw_only=True, config=RESULT)
class SplitFloors:
    """Entropy floors of a split: its lowest expected losses in nats. Both floors are None if they are unknown."""

    line_floor_nats: Floor | None = None
    """Lowest expected loss if each line is scored alone: sum of `-ln P(line)` over the lines."""
    stream_floor_nats: Floor | None = None
    """Lowest expected loss if each line is scored given all previous lines: `-ln P(split)`."""

    def __post_init__(self) -> None:
        if (self.line_floor_nats is None) != (self.stream_floor_nats is None):
            raise ValueError("both line_floor_nats and stream_floor_nats, or neither")


@dataclass(frozen=True, kw_only=True, config=RESULT)
class _Facts:
    """Keys that every `source.json` has."""

    corpus: str
    test_lines_seen_in_training: Count


@dataclass(frozen=True, config=RESULT)
class Source:
    """Content of `source.json`: the origin of a corpus."""

    path: Path
    """The file `source.json`."""
    corpus: str
    """Name of the corpus."""
    languages: tuple[str, ...]
    """One language for language models; source and target language for translation."""
    test_lines_seen_in_training: Count
    """Number of test lines, or pairs of lines, that also occur in the training text."""
    floors: Mapping[str, SplitFloors]
    """Dict from the name of a split to its entropy floors (lowest expected losses)."""

    def floors_of(self, split: str) -> SplitFloors:
        """Return the entropy floors (lowest expected losses) of a split.

        Raises:
            InputError: if `source.json` lacks the split.
        """
        if split not in self.floors:
            raise InputError(self.path, expected=f"the floors of {split}", found="none", remedy=REMEDY)
        return self.floors[split]


def open_corpus(folder: Path, *languages: str) -> Source:
    """Verify the files of a corpus, and read its `source.json`.

    Args:
        folder: folder that the stage `acquire` wrote.
        languages: names of the keys that hold languages: `language`, or `src` and `tgt`.
    Raises:
        InputError: if a file is missing or was changed, or a value of `source.json` is missing or out of bounds.
    """
    open_sealed(folder, CORPUS)
    return read_source_file(folder, *languages)


def read_source_file(folder: Path, *languages: str) -> Source:
    """Read `source.json` as `open_corpus` does, but do not verify the other files of the corpus."""
    path = folder / "source.json"
    values = read_json(path)
    # Parsed in parts, because `lm` and `mt` have different keys for languages, and `mt` has no floors.
    facts = parse_result(values, f"{path}: ", _Facts, remedy=REMEDY)
    return Source(
        path=path,
        corpus=facts.corpus,
        languages=tuple(parse_result(values.get(key), f"{path}: {key}", str, remedy=REMEDY) for key in languages),
        test_lines_seen_in_training=facts.test_lines_seen_in_training,
        floors={
            split: parse_result(values[split], f"{path}: {split}", SplitFloors, remedy=REMEDY)
            for split in SPLITS
            if split in values
        },
    )
