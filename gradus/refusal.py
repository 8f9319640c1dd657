"""What pydantic refuses, in the words of a parameter file."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from gradus.errors import InputError
from gradus.yaml_files import joined, shown

_WORDS = {
    "bool_type": "true or false",
    "dict_type": "keys with values",
    "dataclass_type": "keys with values",
    "finite_number": "a finite number",
    "float_type": "a number",
    "greater_than": "a number above {gt}",
    "greater_than_equal": "a number from {ge} up",
    "int_from_float": "a whole number",
    "int_type": "a whole number",
    "less_than": "a number below {lt}",
    "less_than_equal": "a number up to {le}",
    "list_type": "a list",
    "literal_error": "{expected}",
    "mapping_type": "keys with values",
    "multiple_of": "a multiple of {multiple_of}",
    "string_pattern_mismatch": "text that matches {pattern}",
    "string_too_long": "at most {max_length} characters",
    "string_too_short": "at least {min_length} characters",
    "string_type": "text",
    "too_long": "at most {max_length} entries",
    "too_short": "at least {min_length} entries",
    "tuple_type": "a list",
    "union_tag_invalid": "one of {expected_tags}",
}
"""The type of an error -> what was expected, with the error's context in its place."""
_MISSING = ("missing", "missing_argument", "missing_keyword_only_argument")
_UNKNOWN = ("unexpected_keyword_argument", "extra_forbidden")
_TAGS = ("union_tag_invalid", "union_tag_not_found")
_KINDS: Mapping[type, str] = {dict: "keys with values", list: "a list", type(None): "nothing"}


def first_problem(values: Any, where: str, error: ValidationError) -> InputError:
    """Say the first thing that is wrong.

    Args:
        values: what was validated.
        where: where they stand: a file, or a file and a section.
        error: what pydantic says of them.
    """
    problem, *others = error.errors(include_url=False)
    keys = _keys(values, problem)
    for part in keys:
        where = joined(where, part)
    where = where.removesuffix(": ")
    if problem["type"] in (*_MISSING, "union_tag_not_found"):
        return InputError(where, expected="a value", found="none", remedy="add the key")
    if problem["type"] in _UNKNOWN:
        return InputError(where, expected="a known key", found="an unknown one", remedy="remove it")
    same = [problem, *(other for other in others if _keys(values, other) == keys)]  # one for each of a union
    expected = " or ".join(dict.fromkeys(map(_expected, same)))
    return InputError(where, expected=expected, found=_found(problem), remedy="correct the value")


def _expected(problem: ErrorDetails) -> str:
    """Return what was expected; a `ValueError` of our own says it itself."""
    if problem["type"] in _WORDS:
        return _WORDS[problem["type"]].format_map(problem.get("ctx", {}))
    return problem["msg"].removeprefix("Value error, ").removeprefix("Input should be ")


def _found(problem: ErrorDetails) -> str:
    """Return what was found; of a configuration whose own check failed, its values are known."""
    if problem["type"] == "value_error":
        return "other values"
    found = problem["ctx"]["tag"] if problem["type"] == "union_tag_invalid" else problem["input"]
    return _KINDS.get(type(found)) or shown(found)


def _keys(values: Any, problem: ErrorDetails) -> list[str]:
    """Return the keys that lead to a problem; pydantic also names the member of a union, which no file has."""
    keys = []
    for part in problem["loc"]:
        if isinstance(values, list) and isinstance(part, int) or isinstance(values, Mapping) and part in values:
            values = values[part]  # type: ignore[index]
            keys.append(str(part))
    if problem["type"] in _TAGS:
        return [*keys, problem["ctx"]["discriminator"].strip("'")]
    return [*keys, str(problem["loc"][-1])] if problem["type"] in _MISSING else keys
