"""Check the names of models, strategies, corpora and recipes.

Names become parts of paths, shell commands and tables. Therefore a name has only letters, digits and underscores.
"""

import re
from collections.abc import Mapping
from typing import Any

from gradus.errors import InputError

PATTERN = "[A-Za-z][A-Za-z0-9_]*"
LONGEST = 100

NAMED = (
    "smooth_ngrams",
    "train_lm",
    "interpolate",
    "adapt_lm",
    "train_mt",
    "decode.lm.strategies",
    "decode.mt.strategies",
    "measure_lm",
    "measure_ngram",
)
"""Sections of params.yaml whose keys must be names."""
CORPORA = ("acquire.lm.corpus", "acquire.mt.corpus")
"""Keys of params.yaml whose values must be names."""


def require_name(name: Any, where: object) -> None:
    """Refuse a value that is not a name.

    Args:
        name: a value of any type.
        where: the file and section of the value, or the command-line option, for errors.
    Raises:
        InputError: if the value does not match `PATTERN`, or has more than `LONGEST` characters.
    """
    if not isinstance(name, str) or len(name) > LONGEST or not re.fullmatch(PATTERN, name):
        # `repr` makes control characters visible; a hostile file may have a very long name.
        found = repr(name) if len(repr(name)) <= LONGEST else f"{repr(name)[:LONGEST]}..."
        expected = f"a name ({PATTERN}, at most {LONGEST} characters)"
        raise InputError(where, expected=expected, found=found, remedy="choose another name")


def require_names(params: Any, where: str) -> None:
    """Refuse parameters in which a model, a strategy or a corpus has an improper name; ignore all other keys.

    Args:
        params: the content of params.yaml, or a part of it.
        where: name of the file, for errors.
    Raises:
        InputError: if `require_name` refuses a name.
    """
    for section in NAMED:
        found = _at(params, section)
        for name in found if isinstance(found, Mapping) else ():
            require_name(name, f"{where}: {section}")
    for key in CORPORA:
        if isinstance(corpus := _at(params, key), str):
            require_name(corpus, f"{where}: {key}")


def _at(values: Any, key: str) -> Any:
    """Return the value of a dotted key such as `acquire.lm.corpus`, or None if the key is missing."""
    for part in key.split("."):
        values = values.get(part) if isinstance(values, Mapping) else None
    return values
