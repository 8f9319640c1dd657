"""A recipe's changes laid over params.yaml, and the same changes as DVC writes them on a command line."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from gradus.errors import InputError
from gradus.names import NAMED

Values = Mapping[str, Any]


def overlay(base: Values, changes: Values, where: str = "") -> dict[str, Any]:
    """Lay changes over parameters.

    A mapping changes the keys that it has; one that gives its `kind` replaces the whole of the other, since other
    kinds have other keys. In the dictionaries `NAMED` a new name adds an item, `like` makes it from a named one of
    `base`, and null takes one away (as in RFC 7396).

    Args:
        base: the parameters.
        changes: a part of them, with other values.
        where: dotted name of the section that both stand for; empty at the top.
    Returns:
        The new parameters; the arguments are left as they are.
    Raises:
        InputError: for a key that `base` lacks, and for null where nothing can be taken away.
    """
    result = dict(base)
    for key, value in changes.items():
        name = f"{where}.{key}" if where else key
        if where not in NAMED and (key not in base or value is None):
            found = "null" if key in base else f"{key!r}"
            expected = "a value" if key in base else f"a key of params.yaml ({', '.join(base)})"
            raise InputError(f"recipe: {name}", expected=expected, found=found, remedy="correct the recipe")
        if value is None:
            del result[_known(key, base, name)]
        elif where in NAMED and isinstance(value, dict) and "like" in value:
            rest = {part: change for part, change in value.items() if part != "like"}
            result[key] = overlay(
                _mapping(base[like := _known(value["like"], base, name)], f"{where}.{like}"), rest, name
            )
        elif isinstance(value, dict) and isinstance(base.get(key), dict) and "kind" not in value:
            result[key] = overlay(base[key], value, name)
        else:
            result[key] = value
    return result


def _mapping(value: Any, where: str) -> Values:
    if not isinstance(value, dict):
        where = f"params.yaml: {where}"
        raise InputError(where, expected="keys with values", found="a single value", remedy="correct it")
    return value


def _known(item: Any, items: Values, where: str) -> str:
    if not isinstance(item, str) or item not in items:
        expected = f"one of {', '.join(items)}"
        raise InputError(f"recipe: {where}", expected=expected, found=str(item)[:100], remedy="correct it")
    return item


def overrides(base: Values, changed: Values, prefix: str = "") -> Iterator[str]:
    """Yield the arguments of `dvc exp run -S` that turn parameters into others, in Hydra's notation.

    `~key` takes a key away, `+key=value` adds one, `key=value` changes one.
    """
    for key in base:
        if key not in changed:
            yield f"~{prefix}{key}"
    for key, value in changed.items():
        if key not in base:
            yield f"+{prefix}{key}={_hydra(value)}"
        elif isinstance(value, dict) and isinstance(base[key], dict):
            yield from overrides(base[key], value, f"{prefix}{key}.")
        elif json.dumps(value) != json.dumps(base[key]):  # 1, 1.0 and true are equal to Python
            yield f"{prefix}{key}={_hydra(value)}"


def _hydra(value: Any) -> str:
    """Write a value in the grammar of Hydra's overrides, where only strings in quotes are always strings."""
    if isinstance(value, dict):
        return "{" + ",".join(f"{key}:{_hydra(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(_hydra(item) for item in value) + "]"
    if isinstance(value, str):
        return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
    return json.dumps(value)
