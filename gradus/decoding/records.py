"""Read and write decoded texts: files with one JSON object per line.

This module does not import torch, so that programs that only read the files start quickly.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gradus.artifacts.inputs import parse_json, require_regular
from gradus.artifacts.json_files import read_json
from gradus.artifacts.places import write_text
from gradus.artifacts.seals import open_sealed
from gradus.errors import InputError
from gradus.text.special import EOS_ID

TEXTS = "decoded texts"
"""Name for the content of a folder of decoded texts. The seal of the folder, which is the file that lists hashes,
contains this name."""

_REMEDY = "run `dvc repro` to write the texts again"
_MOST_NATS = 1e12  # limit of |ln P|, so that sums over a file stay finite


@dataclass(frozen=True)
class Record:
    """One decoded text: a line of the file `STRATEGY.jsonl`."""

    text: str
    """Detokenized text, which begins with the prompt. If the model wrote several lines, newlines separate them."""
    ids: list[int]
    """Token ids that the model wrote, including EOS."""
    log_prob: float
    """ln P(ids) under the model, in nats."""
    score: float
    """Number by which the decoder ranked its hypotheses."""
    prompt: list[int] = field(default_factory=list)
    """Token ids that the model was given before it wrote `ids`. The file leaves out an empty prompt."""


@dataclass(frozen=True)
class StrategyTexts:
    """The texts that one strategy decoded."""

    strategy: str
    """Name of the strategy in params.yaml."""
    records: list[Record]


def split_at_eos(ids: Sequence[int]) -> list[list[int]]:
    """Split token ids into lines at every EOS. The lines do not contain EOS, and the last line may be empty."""
    lines: list[list[int]] = [[]]
    for token in ids:
        if token == EOS_ID:
            lines.append([])
        else:
            lines[-1].append(token)
    return lines


def whole_lines(records: Iterable[Record]) -> list[list[int]]:
    """Return all lines that the model wrote from the first token to EOS.

    The last line of every text may be incomplete and is left out. A first line that begins with a prompt is left out.
    """
    return [line for record in records for line in split_at_eos(record.ids)[bool(record.prompt) : -1]]


def running_text(ids: Sequence[int], decode: Callable[[Sequence[int]], str]) -> str:
    """Decode token ids to text, with a newline for every EOS."""
    return "\n".join(decode(line) for line in split_at_eos(ids))


def write_records(path: Path, records: Iterable[Record]) -> None:
    """Write one line per record, in the order of the records."""
    write_text(path, "".join(json.dumps(_values(record), ensure_ascii=False) + "\n" for record in records))


def _values(record: Record) -> dict[str, Any]:
    """Return the JSON object of a record."""
    return {name: value for name, value in vars(record).items() if name != "prompt" or value}


def read_strategies(folder: Path) -> dict[str, list[Record]]:
    """Read the records of all strategies from a folder that `generate` or `translate` wrote.

    Returns:
        Dict from the name of a strategy to its records.
    Raises:
        InputError: if the folder has no records, or if a file has changed since it was written.
    """
    found = {
        name.removesuffix(".jsonl"): read_records(folder / name) for name in open_sealed(folder, TEXTS).names(".jsonl")
    }
    if not found or not all(found.values()):
        raise InputError(folder, expected="texts of every strategy", found="none", remedy=_REMEDY)
    return found


def require_known_ids(texts: Mapping[str, Sequence[Record]], size: int) -> None:
    """Refuse records with token ids that are not in the vocabulary.

    Args:
        texts: dict from the name of a strategy to its records.
        size: size of the vocabulary.
    Raises:
        InputError: if a token id is too large. The error names the first such id.
    """
    for strategy, records in texts.items():
        unknown = next((token for record in records for token in (*record.prompt, *record.ids) if token >= size), None)
        if unknown is not None:
            raise InputError(f"{strategy}.jsonl", expected=f"ids below {size}", found=str(unknown), remedy=_REMEDY)


def read_pictures(path: Path) -> list[Any]:
    """Read the pictures of attention weights that `translate` wrote.

    Raises:
        InputError: if the file is missing or has no list of pictures.
    """
    pictures = read_json(path).get("pictures")
    if not isinstance(pictures, list):
        raise InputError(path, expected="pictures", found="none", remedy=_REMEDY)
    return pictures


def read_records(path: Path) -> list[Record]:
    """Read a file that `write_records` wrote.

    Raises:
        InputError: if the file is missing or damaged.
    """
    require_regular(path, "decoded text", _REMEDY)
    try:
        with path.open("rb") as file:
            return [_record(parse_json(line)) for line in file]
    except (ValueError, TypeError, OSError) as error:
        raise InputError(path, expected="decoded text", found=str(error), remedy=_REMEDY) from None


def _record(values: dict[str, Any]) -> Record:
    """Build a record from the JSON object of a line, and check the types of its values."""
    record = Record(**values)
    ids = record.ids if isinstance(record.ids, list) and isinstance(record.prompt, list) else []
    # `type(at) is int`, because `isinstance(True, int)` is true.
    known = all(type(at) is int and at >= 0 for at in (*ids, *record.prompt)) if ids else False
    numbers = all(isinstance(value, float) and abs(value) < _MOST_NATS for value in (record.log_prob, record.score))
    if not (isinstance(record.text, str) and known and numbers):
        raise TypeError("a record with a value of the wrong type")
    return record
