"""The shell that every command shares: help, errors on one line, exit codes, progress bars.

Exit codes: 0 done; 1 a run that failed; 2 a wrong input or parameter; 130 interrupted.
"""

import functools
import inspect
import os
import select
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import Annotated, Any, TypeVar

import typer
from typer.core import TyperCommand, TyperGroup

from gradus.errors import RunError
from gradus.faults import describe, one_line
from gradus.names import require_name
from gradus.numerics import available, follow, numerics
from gradus.process import alone, die_with_parent, unwinding
from gradus.usage import usage_error

Item = TypeVar("Item")
Debug = Annotated[bool, typer.Option("--debug", help="Show the whole traceback of an error.")]


class OneLine:
    """Mixed into a Typer command: a wrong option or argument is said on one line."""

    def main(self, *args: Any, standalone_mode: bool = True, **extra: Any) -> Any:
        """Parse the command line and run; see click."""
        main = super().main  # type: ignore[misc]
        if not standalone_mode:
            return main(*args, standalone_mode=False, **extra)
        try:
            code = main(*args, standalone_mode=False, **extra)
        except typer.TyperException as error:
            sys.exit(_report_usage(error))
        except SystemExit as end:  # 1 is Typer's where nobody reads the help text
            code = 0 if end.code == 1 and _reader_left() else end.code
        _silence()
        sys.exit(code if isinstance(code, int) else 0)


class Command(OneLine, TyperCommand):
    """One command."""


class Group(OneLine, TyperGroup):
    """A command of commands."""


def _report_usage(error: typer.TyperException) -> int:
    """Print on one line what is wrong with a command line; return the exit code."""
    if type(error).__name__ == "NoArgsIsHelpError":  # a group of commands without a command prints its help
        typer.echo(error.format_message(), err=True)
    else:
        typer.echo(f"error: {one_line(str(usage_error(error)))}", err=True)
    return int(error.exit_code)


def new_app(help_text: str | None = None) -> typer.Typer:
    """Return an empty Typer application in the project's style."""
    return typer.Typer(
        cls=Group,
        help=help_text,
        add_completion=False,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"]},
    )


def stage_app(main: Callable[..., None]) -> typer.Typer:
    """Wrap a stage's function as its command.

    The command computes with `numerics` of its parameters, refuses to run beside a living copy of itself (same
    stage, same name argument) and, under DVC, ends with the process that started it.
    """
    stage = main.__module__.rpartition(".")[2] if main.__module__ != "__main__" else sys.argv[0]

    @functools.wraps(main)
    def guarded(*args: Any, **options: Any) -> None:
        if "DVC_STAGE" in os.environ:
            die_with_parent()
        if "name" in options:  # it becomes part of paths
            require_name(options["name"], "--name")
        if "params" in options:
            follow(options["params"], restart=main.__module__ == "__main__")
            if numerics() == "portable" and not available():
                typer.echo("numerics: no x86-64 processor with AVX2: the results are this machine's own", err=True)
        names = [value for value in (*args, *options.values()) if isinstance(value, str)]
        with alone("-".join([os.path.basename(stage).removesuffix(".py"), *names])):
            try:
                main(*args, **options)
            except BrokenPipeError:  # its work is not what it prints
                raise RunError("standard output was closed before the stage was done; run it again") from None

    app = typer.Typer(
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.command(cls=Command)(with_errors(guarded))
    return app


def with_errors(main: Callable[..., None]) -> Callable[..., None]:
    """Give a command the option --debug, one line for whatever goes wrong, and the exit codes.

    A reader of standard output that has seen enough (`| head`) ends the command, and is no error. SIGTERM and SIGHUP
    unwind it, so that temporary files are removed.
    """

    @functools.wraps(main)
    def command(*args: Any, debug: bool = False, **options: Any) -> None:
        try:
            with unwinding():
                main(*args, **options)
                if sys.stdout is not None:  # as it is after `>&-`
                    sys.stdout.flush()  # a full disk is to show here, not when the interpreter ends
        except typer.Exit:
            raise
        except Exception as error:
            raise typer.Exit(_report(error, debug)) from None
        finally:
            _silence()

    signature = inspect.signature(main, eval_str=True)
    option = inspect.Parameter("debug", inspect.Parameter.KEYWORD_ONLY, default=False, annotation=Debug)
    parameters = [*signature.parameters.values(), option]
    command.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
    command.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return command


def _report(error: Exception, debug: bool) -> int:
    """Print an exception, on one line unless its traceback is wanted; return the exit code."""
    if isinstance(error, BrokenPipeError) and _reader_left():
        return 0
    line, code = describe(error)
    with suppress(OSError, ValueError):  # standard error may be full or closed itself
        if debug:
            traceback.print_exception(error)
        typer.echo(f"error: {line}", err=True)
    return code


def _reader_left() -> bool:
    """Say whether the pipe that standard output or standard error goes to has lost its reader."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):  # none of the system's
            poll = select.poll()
            poll.register(stream.fileno(), 0)
            if poll.poll(0):
                return True
    return False


def _silence() -> None:
    """Let what cannot be written go nowhere: the interpreter would try, and complain, once more at its end."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (AttributeError, OSError, ValueError):
            with suppress(AttributeError, OSError, ValueError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def track(items: Iterable[Item], description: str, total: int | None = None) -> Iterator[Item]:
    """Yield the items behind a progress bar on stderr, or without one where stderr is no terminal."""
    from rich.console import Console
    from rich.progress import track as rich_track

    console = Console(stderr=True)
    yield from rich_track(
        items, description, total=total, console=console, transient=True, disable=not console.is_terminal
    )
