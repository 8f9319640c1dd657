"""Names of models, strategies, corpora and recipes: parts of paths, words of commands, cells of tables."""

import re
from collections.abc import Mapping
from typing import Any

from gradus.errors import InputError

PATTERN = "[A-Za-z][A-Za-z0-9_]*"
LONGEST = 100

NAMED = ("smooth_ngrams", "train_lm", "train_mt", "decode.lm.strategies", "decode.mt.strategies")
"""The sections of params.yaml whose keys are names."""
CORPORA = ("acquire.lm.corpus", "acquire.mt.corpus")
"""The values of params.yaml that are names."""


def require_name(name: Any, where: object) -> None:
    """Refuse what is no name.

    Args:
        name: the would-be name, of any type.
        where: the file and the section, or the option, that it stands in.
    Raises:
        InputError: if it does not match `PATTERN`, or is longer than `LONGEST`.
    """
    if not isinstance(name, str) or len(name) > LONGEST or not re.fullmatch(PATTERN, name):
        found = repr(name) if len(repr(name)) <= LONGEST else f"{repr(name)[:LONGEST]}..."
        expected = f"a name ({PATTERN}, at most {LONGEST} characters)"
        raise InputError(where, expected=expected, found=found, remedy="choose another name")


def require_names(params: Any, where: str) -> None:
    """Refuse parameters in which a model, a strategy or a corpus has no proper name.

    Args:
        params: the content of params.yaml, or of a part of it; what else it holds is not looked at.
        where: the file, for the error.
    Raises:
        InputError: as `require_name`.
    """
    for section in NAMED:
        found = _at(params, section)
        for name in found if isinstance(found, Mapping) else ():
            require_name(name, f"{where}: {section}")
    for key in CORPORA:
        if isinstance(corpus := _at(params, key), str):
            require_name(corpus, f"{where}: {key}")


def _at(values: Any, key: str) -> Any:
    for part in key.split("."):
        values = values.get(part) if isinstance(values, Mapping) else None
    return values
