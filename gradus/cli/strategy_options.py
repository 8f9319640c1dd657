"""Describe the options of decoding strategies, from their table: --strategy, and one option per setting."""

import inspect
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal, cast, get_type_hints

import typer

if TYPE_CHECKING:
    from gradus.decoding.strategy import Strategy

Changes = Mapping[str, Mapping[str, Any]]
"""Dict from the name of a preset to settings that differ from those of the preset."""


def strategy_parameters(default: str, changes: Changes) -> list[inspect.Parameter]:
    """Return --strategy and the settings of all strategies as parameters of a Typer function, each setting once.

    Args:
        default: preset that is used if the command line has no --strategy.
        changes: settings that differ from those of a preset.
    """
    from gradus.decoding.strategies import presets

    named, literal = presets(), cast(Any, Literal)  # mypy accepts no computed values in a Literal
    about = "; ".join(f"{name} {preset.about}" for name, (preset, _) in named.items())
    names = literal[tuple(named)]
    options = {"strategy": _parameter("strategy", names, typer.Option(default, help=f"How to choose tokens: {about}."))}
    for preset, strategy in named.values():
        for name in preset.settings:
            option = typer.Option(None, help=_help(name, strategy, changes))
            options.setdefault(name, _parameter(name, get_type_hints(strategy)[name] | None, option))
    return list(options.values())


def _help(name: str, strategy: "type[Strategy]", changes: Changes) -> str:
    """Return the help of a setting: the docstring of its field, and its default in each preset."""
    from gradus.decoding.strategies import presets

    fields: Any = strategy
    own = [preset for preset, _ in presets().values() if name in preset.settings]
    values = {preset.name: changes.get(preset.name, {}).get(name, preset.settings[name]) for preset in own}
    defaults = ", ".join(
        f"{value} ({', '.join(preset for preset, other in values.items() if other == value)})"
        for value in dict.fromkeys(values.values())
    )
    return f"{fields.__pydantic_fields__[name].description} Default: {defaults}."


def _parameter(name: str, annotation: Any, default: Any) -> inspect.Parameter:
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)


def option_name(name: str) -> str:
    """Return the name of a setting's option, such as `--top-p`."""
    return "--" + name.replace("_", "-")
