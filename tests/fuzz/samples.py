"""What the targets share: a small text and its tokenizer, sealing anew, and what is asked of an answer."""

import math
import random
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from gradus.artifacts.seals import SEAL, write_seal
from gradus.errors import InputError
from gradus.text.origin import TextOrigin, write_origin
from gradus.text.tokenizers.words import train_words
from tests.fuzz.runner import WrongError


def require(right: bool, what: str) -> None:
    """Raise `WrongError` unless something is as it should be."""
    if not right:
        raise WrongError(what)


def require_plain(values: Any) -> None:
    """Refuse numbers that are not finite, and text that is no text, at any depth."""
    if isinstance(values, Mapping):
        for key, value in values.items():
            require_plain(key)
            require_plain(value)
    elif isinstance(values, list | tuple):
        for value in values:
            require_plain(value)
    elif isinstance(values, str):
        values.encode()
    elif isinstance(values, float):
        require(math.isfinite(values), f"{values} among the numbers")


def _letters(seed: int, number: int) -> list[str]:
    """Draw lines of the letters a to e, each likely to be followed by the next one."""
    chance = random.Random(seed)
    lines = []
    for _ in range(number):
        at, line = chance.randrange(5), []
        for _ in range(chance.randrange(1, 8)):
            line.append("abcde"[at])
            at = (at + chance.choice([1, 1, 1, 2, 3])) % 5
        lines.append(" ".join(line))
    return lines


LINES = _letters(1, 40)


TOKENIZER = train_words(LINES, 1)


IDS = TOKENIZER.encode_lines([*_letters(2, 8), "a zebra b", ""])


def reseal(*folders: tuple[str, str]) -> Callable[[Path], None]:
    """Return what seals folders anew, given by name and kind of content."""

    def seal(place: Path) -> None:
        for name, kind in folders:
            if (place / name).is_dir():
                with suppress(OSError, InputError):  # a link to what cannot be read, a folder
                    (place / name / SEAL).unlink(missing_ok=True)
                    write_seal(place / name, kind)

    return seal


def made(folder: Path) -> Path:
    folder.mkdir(parents=True)
    return folder


def made_model(folder: Path) -> Path:
    """Make the folder of a model, with its tokenizer and the name of its corpus."""
    TOKENIZER.save(made(folder) / "tokenizer")
    write_origin(folder, TextOrigin("letters", ("en",)))
    return folder
