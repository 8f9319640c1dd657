"""Apply a recipe's changes to the parameters, and write changes as options of `dvc exp run`."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from gradus.errors import InputError
from gradus.names import NAMED

Values = Mapping[str, Any]
BUILT_ON = ("interpolate", "adapt_lm")
"""Sections of params.yaml whose entries name models of other sections: `models: [NAME, ..]`, or `model: NAME`."""


def overlay(base: Values, changes: Values, where: str = "") -> dict[str, Any]:
    """Return a copy of the parameters `base` with `changes` applied.

    Mappings are merged key by key. If a new mapping has a key `kind`, the new mapping replaces the old one, because
    each kind has different keys. In the sections `NAMED`, each key is the name of a model or of a decoding strategy.
    There, a new name adds a model or strategy, `like: OTHER` copies the settings of OTHER first, and the value null
    removes the model or strategy (as in RFC 7396). A mixture or an adapting network of `base` that loses one of its
    models is removed too, unless the changes name it.

    Args:
        base: parameters.
        changes: new values for some of the parameters.
        where: dotted name of the section; empty for the whole file.
    Raises:
        InputError: if `base` lacks a key of `changes`, or if a value is null outside of the sections `NAMED`.
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
            like = _known(value["like"], base, name)  # in `base`, because the changes may remove the original
            rest = {part: change for part, change in value.items() if part != "like"}
            result[key] = overlay(_mapping(base[like], f"{where}.{like}"), rest, name)
        elif isinstance(value, dict) and isinstance(base.get(key), dict) and "kind" not in value:
            result[key] = overlay(base[key], value, name)
        else:
            result[key] = value
    return result if where else _without_incomplete(result, changes)


def _without_incomplete(params: dict[str, Any], changes: Values) -> dict[str, Any]:
    """Remove the entries of `BUILT_ON` that lack a model; keep those that the changes name, so that their error is
    seen.
    """
    models: set[str] = set()
    for section in ("smooth_ngrams", "train_lm"):
        models.update(_keys(params.get(section)))
    kept = {
        section: {
            name: entry
            for name, entry in params[section].items()
            if name in _keys(changes.get(section)) or set(models_in(entry)) <= models
        }
        for section in BUILT_ON
        if isinstance(params.get(section), dict)
    }
    return params | kept


def _keys(section: Any) -> Iterable[str]:
    """Return the keys of a section; none if the section is missing or malformed, which its reader refuses."""
    return section if isinstance(section, dict) else ()


def models_in(entry: Any) -> list[str]:
    """Return the names of the models on which an entry of `BUILT_ON` is built; an empty list if it is malformed."""
    if not isinstance(entry, dict):
        return []
    models = entry.get("models", [entry["model"]] if "model" in entry else None)
    return [str(name) for name in models] if isinstance(models, list) else []


def _mapping(value: Any, where: str) -> Values:
    if not isinstance(value, dict):
        where = f"params.yaml: {where}"
        raise InputError(where, expected="keys with values", found="a single value", remedy="write keys with values")
    return value


def _known(item: Any, items: Values, where: str) -> str:
    if not isinstance(item, str) or item not in items:
        expected = f"one of {', '.join(items)}"
        raise InputError(f"recipe: {where}", expected=expected, found=str(item)[:100], remedy="correct the recipe")
    return item


def overrides(base: Values, changed: Values, prefix: str = "") -> Iterator[str]:
    """Yield the arguments of `dvc exp run -S` that turn `base` into `changed`, in the syntax of Hydra.

    `~key` removes a key, `+key=value` adds a key, `key=value` changes the value of a key.
    """
    for key in base:
        if key not in changed:
            yield f"~{prefix}{key}"
    for key, value in changed.items():
        if key not in base:
            yield f"+{prefix}{key}={_hydra(value)}"
        elif isinstance(value, dict) and isinstance(base[key], dict):
            yield from overrides(base[key], value, f"{prefix}{key}.")
        elif json.dumps(value) != json.dumps(base[key]):  # as JSON, because 1 == 1.0 == True in Python
            yield f"{prefix}{key}={_hydra(value)}"


def _hydra(value: Any) -> str:
    """Format a value in Hydra's syntax. Strings are quoted, because Hydra may read a bare word as another type."""
    if isinstance(value, dict):
        return "{" + ",".join(f"{key}:{_hydra(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(_hydra(item) for item in value) + "]"
    if isinstance(value, str):
        return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
    return json.dumps(value)
