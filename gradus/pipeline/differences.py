"""Describe in lines of text how the parameters of a recipe differ from params.yaml."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

Values = Mapping[str, Any]


def differences(base: Values, changed: Values, changes: Values, prefix: str = "") -> Iterator[str]:
    """Yield one line per parameter that differs, such as `seed: 2 instead of 1`, or per section that lacks keys.

    Args:
        base: parameters in params.yaml.
        changed: parameters with the changes of a recipe.
        changes: the changes as the recipe states them. A new model with the key `like` is compared with that model.
        prefix: dotted name of the section, with a dot at its end; empty for the whole file.
    """
    if removed := [key for key in base if key not in changed]:
        yield f"{prefix.removesuffix('.') or 'params.yaml'}: without {', '.join(removed)}"
    for key, value in changed.items():
        stated = changes.get(key)
        below: Values = stated if isinstance(stated, dict) else {}
        if key not in base and "like" in below:
            yield f"{prefix}{key}: new, like {below['like']}"
            yield from differences(base[below["like"]], value, below, f"{prefix}{key}.")
        elif key not in base:
            yield f"{prefix}{key}: new, {_text(value)}"
        elif isinstance(value, dict) and isinstance(base[key], dict):
            yield from differences(base[key], value, below, f"{prefix}{key}.")
        elif json.dumps(value) != json.dumps(base[key]):  # as JSON, because 1 == 1.0 == True in Python
            yield f"{prefix}{key}: {_text(value)} instead of {_text(base[key])}"


def _text(value: Any) -> str:
    return value if isinstance(value, str) and value.isprintable() else json.dumps(value)
