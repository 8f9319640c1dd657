"""Names of models, strategies, corpora and recipes.

A name becomes part of a path, a word of a shell command and a cell of a table, so its characters are restricted.
"""

import re
from collections.abc import Mapping
from typing import Any

from gradus.errors import InputError

PATTERN = "[A-Za-z][A-Za-z0-9_]*"
LONGEST = 100

NAMED = ("smooth_ngrams", "train_lm", "train_mt", "decode.lm.strategies", "decode.mt.strategies")
"""Sections of params.yaml whose keys are names."""
CORPORA = ("acquire.lm.corpus", "acquire.mt.corpus")
"""Keys of params.yaml whose values are names."""


def require_name(name: Any, where: object) -> None:
    """Refuse a value that is not a name.

    Args:
        name: a value of any type.
        where: the file and section, or the option, of the value.
    Raises:
        InputError: if it does not match `PATTERN`, or is longer than `LONGEST`.
    """
    if not isinstance(name, str) or len(name) > LONGEST or not re.fullmatch(PATTERN, name):
        found = repr(name) if len(repr(name)) <= LONGEST else f"{repr(name)[:LONGEST]}..."
        expected = f"a name ({PATTERN}, at most {LONGEST} characters)"
        raise InputError(where, expected=expected, found=found, remedy="choose another name")


def require_names(params: Any, where: str) -> None:
    """Check the names of all models, strategies and corpora in some parameters; ignore all other keys.

    Args:
        params: the content of params.yaml, or a part of it.
        where: the file, for errors.
    Raises:
        InputError: if a name is refused by `require_name`.
    """
    for section in NAMED:
        found = _at(params, section)
        for name in found if isinstance(found, Mapping) else ():
            require_name(name, f"{where}: {section}")
    for key in CORPORA:
        if isinstance(corpus := _at(params, key), str):
            require_name(corpus, f"{where}: {key}")


def _at(values: Any, key: str) -> Any:
    """Return the value of a dotted key, or None."""
    for part in key.split("."):
        values = values.get(part) if isinstance(values, Mapping) else None
    return values
