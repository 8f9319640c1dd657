"""Split a text, hold the splits of a corpus in memory, and write them to files."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gradus.artifacts.arrays import write_array
from gradus.artifacts.json_files import write_json
from gradus.artifacts.places import write_text
from gradus.corpora.builtin.inside import Floors
from gradus.corpora.files import SPLITS, WHOLE, Log, read_columns
from gradus.errors import InputError

Columns = tuple[list[str], ...]
"""Lines of one split: one list for language models; source and target lists for translation."""


@dataclass(frozen=True)
class Corpus:
    """Training, validation and test text, with the terms of use and the citation of their source."""

    splits: Mapping[str, Columns]
    """Dict from the name of a split to its lines."""
    terms: str
    """Terms of use."""
    citation: str
    """Publication to cite."""
    floors: Mapping[str, Floors] = field(default_factory=dict)
    """Dict from the name of a split to its entropy floors (lowest expected losses); empty if they are unknown."""


def read_splits(names: Sequence[str], paths: Callable[[str], list[Path]], log: Log) -> dict[str, Columns]:
    """Read the three splits, or read one text and split it by position.

    Args:
        names: `SPLITS`, or only `WHOLE`.
        paths: function from a name to its files: one file for language models, source and target for translation.
        log: called with messages about unusual text that is accepted.
    Raises:
        InputError: if `read_columns` refuses a file, or if the text is too short to split.
    """
    if WHOLE in names:
        return split_by_position(read_columns(paths(WHOLE), log), paths(WHOLE)[0])
    return {split: read_columns(paths(split), log) for split in SPLITS}


def split_by_position(columns: Columns, where: Path) -> dict[str, Columns]:
    """Split a text by position: 90% of the lines for training, then 5% for validation, then 5% for test.

    Raises:
        InputError: if the text has fewer than 20 lines, because a split would be empty.
    """
    n_lines = len(columns[0])  # `read_columns` refuses columns of unequal length
    if n_lines < 20:
        raise InputError(where, expected="at least 20 lines to split 90/5/5", found=f"{n_lines}", remedy="add text")
    # Not at random: neighbours of the test lines, which resemble them, would be in the training text.
    bounds = (0, n_lines * 90 // 100, n_lines * 95 // 100, n_lines)
    spans = zip(SPLITS, bounds[:-1], bounds[1:], strict=True)
    return {split: tuple(column[begin:end] for column in columns) for split, begin, end in spans}


def count_seen(corpus: Corpus) -> int:
    """Count the test lines (or pairs of lines) that also occur in the training text; ignore blank lines."""
    training = set(zip(*corpus.splits["train"], strict=True))
    return sum(row in training for row in zip(*corpus.splits["test"], strict=True) if any(map(str.strip, row)))


def write_corpus(folder: Path, corpus: Corpus, suffixes: Sequence[str], about: Mapping[str, Any]) -> dict[str, Any]:
    """Write the text of a corpus, the facts about the corpus, and its entropy floors if they are known.

    The files are `{train,valid,test}.SUFFIX` for the text, `source.json` for the facts, and `SPLIT.floor.npy` for the
    floor (lowest expected loss) of each line.

    Args:
        folder: an empty folder.
        corpus: the corpus to write.
        suffixes: file name suffixes: `txt` for language models, `src` and `tgt` for translation.
        about: parameters of the corpus, which become the first keys of `source.json`.
    Returns:
        the content of `source.json`.
    """
    source = {**about, **_describe(corpus)}
    for split, columns in corpus.splits.items():
        for suffix, lines in zip(suffixes, columns, strict=True):
            write_text(folder / f"{split}.{suffix}", "".join(f"{line}\n" for line in lines))
    for split, floors in corpus.floors.items():
        write_array(folder / f"{split}.floor.npy", floors.line_nats)
    write_json(folder / "source.json", source)
    return source


def _describe(corpus: Corpus) -> dict[str, Any]:
    about: dict[str, Any] = {"terms": corpus.terms, "citation": corpus.citation}
    for split, columns in corpus.splits.items():
        about[split] = {"lines": len(columns[0])}
        if split != "train" and len(columns) == 1:
            floors = corpus.floors.get(split)
            about[split]["line_floor_nats"] = float(floors.line_nats.sum()) if floors else None
            about[split]["stream_floor_nats"] = float(floors.stream_nats) if floors else None
    return {**about, "test_lines_seen_in_training": count_seen(corpus)}
