"""Plain error messages for values that pydantic refuses, in parameter files and in options."""

from collections.abc import Mapping
from typing import Any, get_args

from pydantic import ValidationError
from pydantic_core import ErrorDetails
from pydantic_core.core_schema import ErrorType

from gradus.errors import InputError
from gradus.yaml_files import described, joined, shown

_EXPECTED = {
    "bool_parsing": "true or false",
    "bool_type": "true or false",
    "dataclass_type": "keys with values",
    "dict_type": "keys with values",
    "finite_number": "a finite number",
    "float_parsing": "a number",
    "float_type": "a number",
    "greater_than": "a number above {gt}",
    "greater_than_equal": "a number from {ge} up",
    "int_from_float": "a whole number",
    "int_parsing": "a whole number",
    "int_parsing_size": "a whole number with fewer digits",
    "int_type": "a whole number",
    "less_than": "a number below {lt}",
    "less_than_equal": "a number up to {le}",
    "list_type": "a list",
    "literal_error": "{expected}",
    "mapping_type": "keys with values",
    "multiple_of": "a multiple of {multiple_of}",
    "none_required": "nothing",
    "string_pattern_mismatch": "text that matches {pattern}",
    "string_too_long": "at most {max_length} characters",
    "string_too_short": "at least {min_length} characters",
    "string_type": "text",
    "too_long": "at most {max_length} entries",
    "too_short": "at least {min_length} entries",
    "tuple_type": "a list",
    "union_tag_invalid": "one of {expected_tags}",
}
"""Expected value by pydantic's type of error; braces take numbers and names from the error's context."""
_ANY_OTHER = "another value"
"""Expected value for all other types of error, which our configurations never raise."""
_LIBRARY = frozenset(get_args(ErrorType))
"""Types of error that pydantic defines; all others come from our own checks."""
_MISSING = ("missing", "missing_argument", "missing_keyword_only_argument")
_UNKNOWN = ("unexpected_keyword_argument", "extra_forbidden")
_TAGS = ("union_tag_invalid", "union_tag_not_found")
_KEY = "[key]"
"""pydantic's mark of a wrong key, at the end of an error's location."""
_TYPER_CHOICE = " is not one of "
"""Middle of Typer's message on a wrong choice; the choices follow."""


def first_problem(values: Any, where: str, error: ValidationError) -> InputError:
    """Return the error of the first wrong value.

    Args:
        values: the validated values.
        where: the file, or the file and the section, that holds them.
        error: pydantic's error.
    """
    problems = [(_keys(values, problem), problem) for problem in error.errors(include_url=False)]
    keys, problem = _deepest_alternative(problems)
    for part in keys:
        where = joined(where, part)
    where = where.removesuffix(": ")
    if problem["type"] in (*_MISSING, "union_tag_not_found"):
        return InputError(where, expected="a value", found="none", remedy="add the key")
    if problem["type"] in _UNKNOWN:
        return InputError(where, expected="a known key", found="an unknown one", remedy="remove it")
    alternatives = [_expected(other) for place, other in problems if place == keys]  # a union has one per member
    expected = " or ".join(dict.fromkeys(alternatives))
    return InputError(where, expected=expected, found=_found(problem), remedy="correct the value")


def option_problem(error: ValidationError) -> tuple[str, str]:
    """Return what a command's option expected, and what it found."""
    problem = error.errors(include_url=False)[0]
    inner = problem.get("ctx", {}).get("error")
    if isinstance(inner, ValidationError):  # Typer validates each value of a list by itself
        return option_problem(inner)
    return _expected(problem), _found(problem)


def _deepest_alternative(problems: list[tuple[list[str], ErrorDetails]]) -> tuple[list[str], ErrorDetails]:
    """Return the first problem, or a more specific one inside the same value.

    If a key allows text or a mapping, a wrong mapping gives two problems: it is not text, and one of its keys is
    wrong. The second one helps more.
    """
    first, _ = problems[0]
    inside = [pair for pair in problems if len(pair[0]) > len(first) and pair[0][: len(first)] == first]
    return (inside or problems)[0]


def _expected(problem: ErrorDetails) -> str:
    kind, context = problem["type"], problem.get("ctx", {})
    if kind in _EXPECTED:
        numbers = {name: f"{value:g}" if isinstance(value, float) else value for name, value in context.items()}
        text = _singular(_EXPECTED[kind].format_map(numbers))
    elif kind == "value_error":
        text = _own_words(str(context["error"]))
    else:
        text = _ANY_OTHER if kind in _LIBRARY else problem["msg"]
    return f"a key that is {text}" if problem["loc"][-1:] == (_KEY,) else text


def _own_words(text: str) -> str:
    """Return the expected value from a ValueError: the whole text in our checks, the choices at the end in Typer's."""
    _, found, choices = text.partition(_TYPER_CHOICE)
    return f"one of {choices.rstrip('.')}" if found else text


def _singular(text: str) -> str:
    return text.replace(" 1 entries", " one entry").replace(" 1 characters", " one character")


def _found(problem: ErrorDetails) -> str:
    value, kind = problem["input"], problem["type"]
    if kind == "union_tag_invalid" and isinstance(value, Mapping):
        value = value.get(_discriminator(problem))
    if kind == "value_error" and not isinstance(value, str | int | float | list):
        return "values that do not fit together"  # a check of several keys; each is right by itself
    of_entries = isinstance(value, list) and kind not in _LIBRARY - {"value_error"}  # a check of ours read the entries
    return shown(value) if of_entries else described(value)


def _keys(values: Any, problem: ErrorDetails) -> list[str]:
    """Return the keys that lead to a problem, without the union members that pydantic puts between them."""
    keys = []
    for part in problem["loc"]:
        if isinstance(values, list) and isinstance(part, int) or isinstance(values, Mapping) and part in values:
            values = values[part]  # type: ignore[index]
            keys.append(str(part))
    if problem["type"] in _TAGS:
        return [*keys, _discriminator(problem)]
    return [*keys, str(problem["loc"][-1])] if problem["type"] in _MISSING else keys


def _discriminator(problem: ErrorDetails) -> str:
    return str(problem["ctx"]["discriminator"]).strip("'")
