"""The shell that every command shares: help, errors on one line, exit codes, progress bars.

Exit codes: 0 done; 1 a run that failed; 2 a wrong input or parameter; 130 interrupted.
"""

import errno
import functools
import inspect
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import Annotated, Any, TypeVar

import typer

from gradus.errors import InputError, RunError
from gradus.process import alone, die_with_parent

Item = TypeVar("Item")
Debug = Annotated[bool, typer.Option("--debug", help="Show the whole traceback of an error.")]


def new_app(help_text: str | None = None) -> typer.Typer:
    """Return an empty Typer application in the project's style."""
    return typer.Typer(
        help=help_text,
        add_completion=False,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"]},
    )


def stage_app(main: Callable[..., None]) -> typer.Typer:
    """Wrap a stage's function as its command.

    The command refuses to run beside a living copy of itself (same stage, same name argument) and,
    under DVC, ends with the process that started it.
    """
    stage = main.__module__.rpartition(".")[2] if main.__module__ != "__main__" else sys.argv[0]

    @functools.wraps(main)
    def guarded(*args: Any, **options: Any) -> None:
        if "DVC_STAGE" in os.environ:
            die_with_parent()
        names = [value for value in (*args, *options.values()) if isinstance(value, str)]
        with alone("-".join([os.path.basename(stage).removesuffix(".py"), *names])):
            main(*args, **options)

    app = typer.Typer(
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.command()(with_errors(guarded))
    return app


def with_errors(main: Callable[..., None]) -> Callable[..., None]:
    """Give a command the option --debug, and print its deliberate errors on one line."""

    @functools.wraps(main)
    def command(*args: Any, debug: bool = False, **options: Any) -> None:
        try:
            main(*args, **options)
        except (InputError, RunError, OSError, MemoryError) as error:
            if debug:
                raise
            typer.echo(f"error: {_one_line(error)}", err=True)
            raise typer.Exit(2 if isinstance(error, InputError) else 1) from None

    signature = inspect.signature(main, eval_str=True)
    option = inspect.Parameter("debug", inspect.Parameter.KEYWORD_ONLY, default=False, annotation=Debug)
    parameters = [*signature.parameters.values(), option]
    command.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
    command.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return command


def _one_line(error: BaseException) -> str:
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        return f"{error.filename or 'the disk'}: expected room to write, found a full disk; free some and run again"
    if isinstance(error, MemoryError):
        return "out of memory; make the model, the batch or the corpus smaller"
    return " ".join(str(error).split())


def track(items: Iterable[Item], description: str, total: int | None = None) -> Iterator[Item]:
    """Yield the items behind a progress bar on stderr, or without one where stderr is no terminal."""
    from rich.console import Console
    from rich.progress import track as rich_track

    console = Console(stderr=True)
    yield from rich_track(
        items, description, total=total, console=console, transient=True, disable=not console.is_terminal
    )
