"""Define the commands that complete or translate text: they have the options of all decoding strategies."""

import inspect
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, cast

import typer
from typer.main import get_command

from gradus.cli.strategy_options import Changes, option_name, strategy_parameters
from gradus.command import Command

if TYPE_CHECKING:
    from gradus.decoding.strategy import Strategy


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
        parameters = strategy_parameters(self.default, self.changes())
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
    return preset_strategy(name, {**command.changes().get(name, {}), **given}, where="--strategy", spelled=option_name)
