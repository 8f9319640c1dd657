"""params.yaml to frozen dataclasses: every key is expected, every expected key is there."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ConfigDict, TypeAdapter, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from gradus.errors import InputError

STRICT = ConfigDict(extra="forbid", strict=True)
"""Settings of every config dataclass: unknown keys and values of another type are refused."""

Config = TypeVar("Config")


def read_params(path: Path, section: str, config: type[Config]) -> Config:
    """Read one section of a parameter file into its dataclass.

    Args:
        path: the YAML file.
        section: dotted name of the section, such as `train_lm.lstm`.
        config: a frozen dataclass whose settings are `STRICT`, or any type that pydantic validates.
    Returns:
        The checked configuration.
    Raises:
        InputError: for a missing file or section, and for a key that is missing, unknown or out of range.
    """
    return validated(read_section(path, section), f"{path}: {section}", config)


def read_keys(path: Path, keys: tuple[str, ...], config: type[Config]) -> Config:
    """Read some keys of the top level of a parameter file into a dataclass, as `read_params` does."""
    return validated({key: read_section(path, key) for key in keys}, f"{path}: ", config)


def read_file(path: Path, config: type[Config]) -> Config:
    """Read a whole YAML file into a dataclass, as `read_params` does a section."""
    return validated(_load(path), f"{path}: ", config)


def validated(values: Any, where: str, config: type[Config]) -> Config:
    """Check plain values as `read_params` does those of a section; errors name `where` they stand."""
    try:  # as JSON, for only there does pydantic's strict mode build dataclasses from mappings
        return TypeAdapter(config).validate_json(json.dumps(values))
    except ValidationError as error:
        raise _first_problem(values, where, error) from None


def read_section(path: Path, section: str) -> Any:
    """Read one section of a parameter file as plain YAML values."""
    values: Any = _load(path)
    for depth, key in enumerate(section.split(".")):
        if not isinstance(values, Mapping) or key not in values:
            known = ", ".join(map(str, values)) if isinstance(values, Mapping) else repr(values)
            parent = ".".join(section.split(".")[:depth]) or "the top level"
            raise InputError(
                f"{path}: {section}",
                expected=f"a key of {parent} ({known})",
                found=f"no {key!r}",
                remedy="correct the name or add the section",
            )
        values = values[key]
    return values


def _load(path: Path) -> Any:
    """Parse as YAML 1.2, as DVC does: there `1e-3` is a number."""
    try:
        return YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InputError(path, expected="a parameter file", found="no file", remedy="give --params") from None
    except YAMLError as error:
        problem = " ".join(str(error).split())
        raise InputError(path, expected="YAML", found=problem, remedy="correct the file") from None


def _first_problem(values: Any, where: str, error: ValidationError) -> InputError:
    """Say the first thing that is wrong, in the words of the parameter file."""
    problem = error.errors(include_url=False)[0]
    key = ".".join([where, *_keys(values, problem["loc"])]).replace(": .", ": ")
    match problem["type"]:
        case "missing" | "missing_argument" | "missing_keyword_only_argument":
            return InputError(key, expected="a value", found="none", remedy="add the key")
        case "unexpected_keyword_argument" | "extra_forbidden":
            return InputError(key, expected="a known key", found="an unknown one", remedy="remove it")
    return InputError(key, expected=problem["msg"], found=repr(problem["input"]), remedy="correct the value")


def _keys(values: Any, place: tuple[int | str, ...]) -> list[str]:
    """Return the keys that lead to a place; pydantic also names the member of a union, which no file has."""
    keys = []
    for number, part in enumerate(place, start=1):
        if isinstance(values, Mapping) and part in values:
            values = values[part]
        elif number < len(place):
            continue
        keys.append(str(part))
    return keys
