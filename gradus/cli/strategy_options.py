"""Create command-line options from the table of decoding strategies: --strategy, and one option per setting."""

import inspect
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, cast, get_type_hints

import typer
from typer.main import get_command

from gradus.command import Command

if TYPE_CHECKING:
    from gradus.decoding.strategy import Strategy

DEFAULT = "nucleus"
"""Preset that is used if the command line has no --strategy."""


class StrategyCommand(Command):
    """Command with the options of all decoding strategies. `read_strategy_options` reads their values.

    The options are created when the command line is parsed or help is printed. They are not created earlier, because
    the table of strategies imports torch, and other commands should not wait for this import.
    """

    def get_params(self, ctx: Any) -> list[Any]:
        """Return first the parameters in the function's signature, then the generated options, then --help."""
        *own, help_option = super().get_params(ctx)
        return [*own, *self._generated, help_option]

    def invoke(self, ctx: Any) -> Any:
        """Move the generated options to `ctx.obj`; call the command's function with the parameters in its signature."""
        ctx.obj = {option.name: ctx.params.pop(option.name) for option in self._generated}
        return super().invoke(ctx)

    @cached_property
    def _generated(self) -> list[Any]:
        """Return the generated options. Typer creates them from the parameters of a function that does nothing."""

        def function(**options: Any) -> None: ...

        # Typer reads the options of a function from its signature and its annotations.
        parameters = _parameters()
        function.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        function.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
        app = typer.Typer(add_completion=False)
        app.command()(function)
        return list(get_command(app).params)


def read_strategy_options(context: typer.Context) -> "Strategy":
    """Return the strategy of a command line: the preset of --strategy, changed by the given settings.

    Raises:
        InputError: if a setting belongs to another strategy, or its value is out of range.
    """
    from gradus.decoding.strategies import preset_strategy

    given = {key: value for key, value in context.obj.items() if key != "strategy" and value is not None}
    return preset_strategy(context.obj["strategy"], given, where="--strategy", spelled=_option)


def _parameters() -> list[inspect.Parameter]:
    """Return --strategy and the settings of all strategies as parameters of a Typer function, each setting once."""
    from gradus.decoding.strategies import presets

    named, literal = presets(), cast(Any, Literal)  # mypy accepts no computed values in a Literal
    about = "; ".join(f"{name} {preset.about}" for name, (preset, _) in named.items())
    names = literal[tuple(named)]
    options = {"strategy": _parameter("strategy", names, typer.Option(DEFAULT, help=f"How to choose tokens: {about}."))}
    for preset, strategy in named.values():
        for name in preset.settings:
            option = typer.Option(None, help=_help(name, strategy))
            options.setdefault(name, _parameter(name, get_type_hints(strategy)[name] | None, option))
    return list(options.values())


def _help(name: str, strategy: "type[Strategy]") -> str:
    """Return the help of a setting: the docstring of its field, and its default in each preset."""
    from gradus.decoding.strategies import presets

    fields: Any = strategy
    own = (preset for preset, _ in presets().values() if name in preset.settings)
    defaults = ", ".join(f"{preset.settings[name]} ({preset.name})" for preset in own)
    return f"{fields.__pydantic_fields__[name].description} Default: {defaults}."


def _parameter(name: str, annotation: Any, default: Any) -> inspect.Parameter:
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)


def _option(name: str) -> str:
    """Return the name of a setting's option, such as `--top-p`."""
    return "--" + name.replace("_", "-")
