"""Read sections of params.yaml and of other YAML files into frozen dataclasses; no key has a default value."""

import json
from collections.abc import Mapping
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ConfigDict, TypeAdapter, ValidationError

from gradus.errors import InputError
from gradus.names import require_names
from gradus.refusal import first_problem
from gradus.yaml_files import described, joined, read_yaml, refuse_odd, shown

STRICT = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)
"""Pydantic settings of configuration dataclasses: refuse unknown keys, values of another type, infinities and NaN."""

Config = TypeVar("Config")

_MOST_KEYS = 20  # keys that an error lists


def read_params(path: Path, section: str, config: type[Config]) -> Config:
    """Read one section of a parameter file into a dataclass.

    Args:
        path: the YAML file.
        section: dotted name of the section, such as `train_lm.lstm`.
        config: a frozen dataclass with the settings `STRICT`, or another type that pydantic can validate.
    Returns:
        the validated configuration.
    Raises:
        InputError: if the file or the section is missing, or a key is missing, unknown or out of range.
    """
    return validated(read_section(path, section), f"{path}: {section}", config)


def read_keys(path: Path, keys: tuple[str, ...], config: type[Config]) -> Config:
    """Read some top-level keys of a parameter file into one dataclass; raise the errors of `read_params`."""
    return validated({key: read_section(path, key) for key in keys}, f"{path}: ", config)


def read_file(path: Path, config: type[Config]) -> Config:
    """Read a whole YAML file into a dataclass; raise the errors of `read_params`."""
    return validated(_load(path), f"{path}: ", config)


def validated(values: Any, where: str, config: type[Config]) -> Config:
    """Validate plain values and build a dataclass.

    Args:
        values: text, numbers, lists and mappings.
        where: the file and the section of the values, for errors. If there is no section, `where` must end with ": ".
        config: the dataclass, or another type that pydantic can validate.
    Raises:
        InputError: if a key is missing, unknown or out of range.
    """
    try:
        refuse_odd(values, where)
        # From JSON, because pydantic's strict mode builds dataclasses from mappings only there.
        return TypeAdapter(config).validate_json(json.dumps(values))
    except ValidationError as error:
        raise first_problem(values, where, error) from None
    except RecursionError:
        raise InputError(where, expected="a few levels", found="very many", remedy="correct the file") from None


def read_section(path: Path, section: str) -> Any:
    """Read one section of a parameter file as plain values; raise the errors of `read_params`."""
    values: Any = _load(path)
    above = f"{path}: "
    for key in section.split("."):
        where, name = joined(f"{path}: ", section), above.removeprefix(f"{path}: ") or "the top level"
        remedy = "correct the name or add the section"
        if not isinstance(values, Mapping):
            raise InputError(where, expected=f"keys in {name}", found=described(values), remedy=remedy)
        if key not in values:
            expected = f"a key of {name} ({_listed(values)})"
            raise InputError(where, expected=expected, found=f"no {shown(key)}", remedy=remedy)
        values, above = values[key], joined(above, key)
    return values


def _listed(values: Mapping[str, Any]) -> str:
    """List the keys of a mapping for an error message; list at most 20 keys."""
    keys = [key if key.isprintable() else shown(key) for key in islice(values, _MOST_KEYS)]
    more = f", and {len(values) - _MOST_KEYS} more" if len(values) > _MOST_KEYS else ""
    return (", ".join(keys) or "none yet") + more


def _load(path: Path) -> Any:
    """Read a YAML file and check the names in it. Thus every command that reads parameters refuses improper names."""
    values = read_yaml(path)
    require_names(values, str(path))
    return values
