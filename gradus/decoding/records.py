"""Decoded text as files: one JSON object a line. No torch, so that whatever reads it starts quickly."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gradus.artifacts.inputs import parse_json, require_regular
from gradus.artifacts.json_files import read_json
from gradus.artifacts.places import write_text
from gradus.artifacts.seals import open_sealed
from gradus.errors import InputError
from gradus.text.special import EOS_ID

TEXTS = "decoded texts"
"""What the seal of a folder of records calls its content."""

_REMEDY = "run the stage that writes it (dvc repro)"
_MOST_NATS = 1e12  # of a log-probability, so that sums of them stay finite


@dataclass(frozen=True)
class Record:
    """One decoded row, as a line of `STRATEGY.jsonl`."""

    text: str
    """Detokenized; the lines of a running text are separated by newlines."""
    ids: list[int]
    """Token ids as the model wrote them, EOS included."""
    log_prob: float
    """ln P(ids) under the model, nats."""
    score: float
    """What the decoder ranked by."""


def split_at_eos(ids: Sequence[int]) -> list[list[int]]:
    """Return the lines of a running text without their EOS; the last is what follows the last EOS, maybe nothing."""
    lines: list[list[int]] = [[]]
    for token in ids:
        if token == EOS_ID:
            lines.append([])
        else:
            lines[-1].append(token)
    return lines


def whole_lines(records: Iterable[Record]) -> list[list[int]]:
    """Return the lines of running texts that EOS ends; the last of each text, which its end cuts, is left out."""
    return [line for record in records for line in split_at_eos(record.ids)[:-1]]


def running_text(ids: Sequence[int], decode: Callable[[Sequence[int]], str]) -> str:
    """Return ids as text, a newline for every EOS."""
    return "\n".join(decode(line) for line in split_at_eos(ids))


def write_records(path: Path, records: Iterable[Record]) -> None:
    """Write records in their order."""
    write_text(path, "".join(json.dumps(vars(record), ensure_ascii=False) + "\n" for record in records))


def read_strategies(folder: Path) -> dict[str, list[Record]]:
    """Read the records of every strategy from a folder that `generate` or `translate` wrote, by name.

    Raises:
        InputError: if a file is missing, or not as it was written, or there is none.
    """
    found = {
        name.removesuffix(".jsonl"): read_records(folder / name) for name in open_sealed(folder, TEXTS).names(".jsonl")
    }
    if not found or not all(found.values()):
        raise InputError(folder, expected="texts of every strategy", found="none", remedy=_REMEDY)
    return found


def require_known_ids(texts: Mapping[str, Sequence[Record]], size: int) -> None:
    """Refuse records, by strategy, that have token ids which a vocabulary of some size has not.

    Raises:
        InputError: with the first such id.
    """
    for strategy, records in texts.items():
        unknown = next((token for record in records for token in record.ids if token >= size), None)
        if unknown is not None:
            raise InputError(f"{strategy}.jsonl", expected=f"ids below {size}", found=str(unknown), remedy=_REMEDY)


def read_pictures(path: Path) -> list[Any]:
    """Read what `translate` writes of attention, for the report.

    Raises:
        InputError: if the file is missing, or holds no pictures.
    """
    pictures = read_json(path).get("pictures")
    if not isinstance(pictures, list):
        raise InputError(path, expected="pictures", found="none", remedy=_REMEDY)
    return pictures


def read_records(path: Path) -> list[Record]:
    """Read what `write_records` wrote.

    Raises:
        InputError: if the file is missing or broken.
    """
    require_regular(path, "decoded text", _REMEDY)
    try:
        with path.open("rb") as file:
            return [_record(parse_json(line)) for line in file]
    except (ValueError, TypeError, OSError) as error:
        raise InputError(path, expected="decoded text", found=str(error), remedy=_REMEDY) from None


def _record(values: dict[str, Any]) -> Record:
    record = Record(**values)
    ids = record.ids if isinstance(record.ids, list) else []
    numbers = all(isinstance(value, float) and abs(value) < _MOST_NATS for value in (record.log_prob, record.score))
    if not (isinstance(record.text, str) and ids and all(type(at) is int and at >= 0 for at in ids) and numbers):
        raise TypeError("a record whose text is no text, or whose numbers are no numbers")
    return record
