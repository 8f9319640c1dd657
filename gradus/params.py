"""params.yaml to frozen dataclasses: every key is expected, every expected key is there."""

import json
from collections.abc import Mapping
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ConfigDict, TypeAdapter, ValidationError

from gradus.errors import InputError
from gradus.names import require_names
from gradus.refusal import first_problem
from gradus.yaml_files import joined, read_yaml, refuse_odd, shown

STRICT = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)
"""Settings of every config dataclass: unknown keys, values of another type, infinities and NaN are refused."""

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
        refuse_odd(values, where)
        return TypeAdapter(config).validate_json(json.dumps(values))
    except ValidationError as error:
        raise first_problem(values, where, error) from None
    except RecursionError:
        raise InputError(where, expected="a few levels", found="very many", remedy="correct the file") from None


def read_section(path: Path, section: str) -> Any:
    """Read one section of a parameter file as plain YAML values."""
    values: Any = _load(path)
    for depth, key in enumerate(section.split(".")):
        if not isinstance(values, Mapping) or key not in values:
            parent = ".".join(section.split(".")[:depth]) or "the top level"
            raise InputError(
                joined(f"{path}: ", section),
                expected=f"a key of {parent} ({_known(values)})",
                found=f"no {shown(key)}",
                remedy="correct the name or add the section",
            )
        values = values[key]
    return values


def _known(values: Any) -> str:
    """List the keys of a mapping, the first twenty of many."""
    if not isinstance(values, Mapping):
        return shown(values)
    keys = [joined(": ", key)[2:] for key in islice(values, 20)]
    return ", ".join(keys) + (f", and {len(values) - 20} more" if len(values) > 20 else "")


def _load(path: Path) -> Any:
    """Read a YAML file; whatever command reads parameters refuses names that are none."""
    values = read_yaml(path)
    require_names(values, str(path))
    return values
