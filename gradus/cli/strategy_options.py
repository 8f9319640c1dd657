"""Create command-line options from the table of decoding strategies: --strategy, and one option per setting."""

import inspect
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Literal, cast, get_type_hints

import typer
from typer.main import get_command

from gradus.command import Command

if TYPE_CHECKING:
    from gradus.decoding.strategy import Strategy

Changes = Mapping[str, Mapping[str, Any]]
"""Dict from the name of a preset to settings that differ from those of the preset."""


class StrategyCommand(Command):
    """Command that completes text, with the options of all decoding strategies.

    `read_strategy_options` returns the strategy of the command line.

    The options are created when the command line is parsed or help is printed. They are not created earlier, because
    the table of strategies imports torch, and other commands should not wait for this import.
    """

    default: ClassVar[str] = "nucleus"
    """Preset that is used if the command line has no --strategy."""

    def changes(self) -> Changes:
        """Return the settings in which this command differs from the presets."""
        return {}

    def get_params(self, ctx: Any) -> list[Any]:
        """Return the arguments, then the generated options, then the options in the function's signature."""
        own = super().get_params(ctx)
        arguments = [parameter for parameter in own if parameter.param_type_name == "argument"]
        return [*arguments, *self._generated, *(parameter for parameter in own if parameter not in arguments)]

    def invoke(self, ctx: Any) -> Any:
        """Move the generated options to `ctx.obj`; call the command's function with the parameters in its signature."""
        ctx.obj = {option.name: ctx.params.pop(option.name) for option in self._generated}
        return super().invoke(ctx)

    @cached_property
    def _generated(self) -> list[Any]:
        """Return the generated options. Typer creates them from the parameters of a function that does nothing."""

        def function(**options: Any) -> None: ...

        # Typer reads the options of a function from its signature and its annotations.
        parameters = _parameters(self.default, self.changes())
        function.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        function.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
        app = typer.Typer(add_completion=False)
        app.command()(function)
        return list(get_command(app).params)


class TranslationCommand(StrategyCommand):
    """Command that translates text, with the options of all decoding strategies."""

    default: ClassVar[str] = "beam"

    def changes(self) -> Changes:
        """Return the settings in which the library translates differently from the presets."""
        from gradus.api import TRANSLATION_BEAM

        return {"beam": TRANSLATION_BEAM}


def read_strategy_options(context: typer.Context) -> "Strategy":
    """Return the strategy of a command line: the preset of --strategy, changed by the given settings.

    Raises:
        InputError: if a setting belongs to another strategy, or its value is out of range.
    """
    from gradus.decoding.strategies import preset_strategy

    command, name = cast(StrategyCommand, context.command), context.obj["strategy"]
    given = {key: value for key, value in context.obj.items() if key != "strategy" and value is not None}
    return preset_strategy(name, {**command.changes().get(name, {}), **given}, where="--strategy", spelled=_option)


def _parameters(default: str, changes: Changes) -> list[inspect.Parameter]:
    """Return --strategy and the settings of all strategies as parameters of a Typer function, each setting once."""
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


def _option(name: str) -> str:
    """Return the name of a setting's option, such as `--top-p`."""
    return "--" + name.replace("_", "-")
