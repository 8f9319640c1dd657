"""Translate pydantic's errors about wrong values in parameter files and options into plain messages."""

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
    "greater_than_equal": "a number of at least {ge}",
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
"""Dict from pydantic's type of error to the expected value; the error's `ctx` fills placeholders such as `{gt}`."""
_ANY_OTHER = "another value"
"""Expected value for types of error that `_EXPECTED` lacks; the parameters of gradus never cause these types."""
_LIBRARY = frozenset(get_args(ErrorType))
"""Types of error that pydantic defines; all other types come from checks of gradus."""
_MISSING = ("missing", "missing_argument", "missing_keyword_only_argument")
_UNKNOWN = ("unexpected_keyword_argument", "extra_forbidden")
_TAGS = ("union_tag_invalid", "union_tag_not_found")
_KEY = "[key]"
"""Last part of the location in pydantic's error if the name of a key is wrong (not the value of the key)."""
_TYPER_CHOICE = " is not one of "
"""Text in Typer's message about a wrong choice; the possible choices follow this text."""


def first_problem(values: Any, where: str, error: ValidationError) -> InputError:
    """Translate pydantic's error into an error about the first wrong value.

    Args:
        values: the values that pydantic refused.
        where: the file of the values, or the file and the section.
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
        return InputError(where, expected="a known key", found="an unknown key", remedy="remove the key")
    alternatives = [_expected(other) for place, other in problems if place == keys]  # a union has one per member
    expected = " or ".join(dict.fromkeys(alternatives))
    return InputError(where, expected=expected, found=_found(problem), remedy="correct the value")


def option_problem(error: ValidationError) -> tuple[str, str]:
    """Return the expected value of a command-line option, and the value that was found."""
    problem = error.errors(include_url=False)[0]
    inner = problem.get("ctx", {}).get("error")
    if isinstance(inner, ValidationError):  # Typer validates each value of a list by itself
        return option_problem(inner)
    return _expected(problem), _found(problem)


def _deepest_alternative(problems: list[tuple[list[str], ErrorDetails]]) -> tuple[list[str], ErrorDetails]:
    """Return the first problem, or a more specific problem inside the same value.

    If a value may be text or a mapping, pydantic reports two problems of a wrong mapping: the mapping is not text, and
    a key in the mapping is wrong. The second problem is more useful to the user.
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
    """Return the expected value that the text of a ValueError states; from Typer's text, return only the choices."""
    _, found, choices = text.partition(_TYPER_CHOICE)
    return f"one of {choices.rstrip('.')}" if found else text


def _singular(text: str) -> str:
    return text.replace(" 1 entries", " one entry").replace(" 1 characters", " one character")


def _found(problem: ErrorDetails) -> str:
    value, kind = problem["input"], problem["type"]
    if kind == "union_tag_invalid" and isinstance(value, Mapping):
        value = value.get(_discriminator(problem))
    if kind == "value_error" and not isinstance(value, str | int | float | list):
        return "values that do not fit together"  # a check that compares several keys
    of_entries = isinstance(value, list) and kind not in _LIBRARY - {"value_error"}  # a check of ours read the entries
    return shown(value) if of_entries else described(value)


def _keys(values: Any, problem: ErrorDetails) -> list[str]:
    """Return the keys that lead to a wrong value; pydantic's location also has names of types, which are dropped."""
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
