"""Every number of a configuration has a lower and an upper bound, so that impossible values are refused at once."""

from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest
from pydantic import TypeAdapter
from pydantic.dataclasses import is_pydantic_dataclass

from gradus.pipeline.imports import modules

CONFIGS = {
    f"{value.__module__}.{value.__name__}": value
    for module in modules()
    for value in vars(import_module(module)).values()
    if isinstance(value, type) and is_pydantic_dataclass(value)
}


def numbers(schema: Any, where: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every number of a JSON schema: its path and its part of the schema."""
    if isinstance(schema, dict):
        if schema.get("type") in ("integer", "number"):
            yield where, schema
        for key, value in schema.items():
            yield from numbers(value, f"{where}.{key}")
    elif isinstance(schema, list):
        for number, value in enumerate(schema):
            yield from numbers(value, f"{where}.{number}")


def unbounded(config: Any) -> list[str]:
    """Return the paths of a configuration's numbers that lack a lower or an upper bound."""
    found = numbers(TypeAdapter(config).json_schema())
    lower, upper = ("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")
    return [where for where, schema in found if not all(any(key in schema for key in keys) for keys in (lower, upper))]


def test_a_missing_bound_is_found() -> None:
    assert unbounded(dict[str, int | None]) == [".additionalProperties.anyOf.0"]
    assert len(CONFIGS) > 30 and "gradus.training.optim.TrainingConfig" in CONFIGS


@pytest.mark.parametrize("name", CONFIGS)
def test_every_number_has_a_lower_and_an_upper_bound(name: str) -> None:
    assert not unbounded(CONFIGS[name])


@pytest.mark.parametrize("name", CONFIGS)
def test_no_number_may_be_infinite_or_nan(name: str) -> None:
    assert CONFIGS[name].__pydantic_config__.get("allow_inf_nan") is False
