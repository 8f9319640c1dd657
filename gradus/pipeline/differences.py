"""Describe in lines of text how changed parameters differ from params.yaml."""

import json
from collections.abc import Iterator, Mapping
from typing import Any


def differences(base: Mapping[str, Any], changed: Mapping[str, Any], prefix: str = "") -> Iterator[str]:
    """Yield one line per parameter that differs, such as `seed: 2 instead of 1`, or per section that lacks keys.

    Args:
        base: parameters in params.yaml.
        changed: parameters with changes.
        prefix: dotted name of the section, with a dot at its end; empty for the whole file.
    """
    if removed := [key for key in base if key not in changed]:
        yield f"{prefix.removesuffix('.') or 'params.yaml'}: without {', '.join(removed)}"
    for key, value in changed.items():
        if key not in base:
            yield f"{prefix}{key}: new, {_text(value)}"
        elif isinstance(value, dict) and isinstance(base[key], dict):
            yield from differences(base[key], value, f"{prefix}{key}.")
        elif json.dumps(value) != json.dumps(base[key]):  # as JSON, because 1 == 1.0 == True in Python
            yield f"{prefix}{key}: {_text(value)} instead of {_text(base[key])}"


def _text(value: Any) -> str:
    return value if isinstance(value, str) and value.isprintable() else json.dumps(value)
