"""Give all commands one-line errors, exit codes, the option `--debug` and progress bars.

Exit codes: 0 if the command succeeds, 1 if the run fails, 2 if an input or a parameter is wrong, 130 after Ctrl-C.
"""

import functools
import inspect
import os
import select
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
from typer.core import TyperCommand, TyperGroup

from gradus.errors import RunError
from gradus.faults import describe, one_line
from gradus.names import require_name
from gradus.numerics import available, follow, numerics
from gradus.process import alone, die_with_parent, exit_on_signals
from gradus.terminal import paint, paint_help
from gradus.usage import usage_error

Item = TypeVar("Item")
Run = Callable[[Callable[[], None], Path, bool], None]
"""Function that does the work of a stage, from the work, the parameter file, and whether the process runs nothing but
the stage, so that its command line can be run again."""
Debug = Annotated[bool, typer.Option("--debug", help="If the command fails, also print the Python traceback.")]


class OneLine:
    """Mixin for Typer commands: one-line errors about wrong options and arguments, and a help text with colours."""

    def main(self, *args: Any, standalone_mode: bool = True, **extra: Any) -> Any:
        """Parse the command line and run the command; the parameters are those of `click.Command.main`."""
        main = super().main  # type: ignore[misc]
        if not standalone_mode:
            return main(*args, standalone_mode=False, **extra)
        try:
            code = main(*args, standalone_mode=False, **extra)
        except typer.TyperException as error:
            sys.exit(_report_usage(error))
        except ModuleNotFoundError as error:  # the options of some commands come from code that needs an extra
            sys.exit(_report(error, debug=False))
        except SystemExit as end:  # Typer exits with 1 when the reader of a help text has closed the pipe
            code = 0 if end.code == 1 and _reader_left() else end.code
        _discard_unwritable()
        sys.exit(code if isinstance(code, int) else 0)

    def get_help(self, ctx: Any) -> str:
        """Return the help text, with colours if standard output is a terminal."""
        return paint_help(super().get_help(ctx))  # type: ignore[misc]


class Command(OneLine, TyperCommand):
    """Typer command that prints the error message about a wrong option on one line."""

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write the help of the options. A number with bounds is `<int>`, because its bounds stand behind its help."""
        parameters: list[Any] = self.get_params(ctx)
        for parameter in parameters:
            if parameter.metavar is None and parameter.type_descriptor.is_ranged:
                parameter.metavar = f"<{parameter.type_descriptor.ranged_type_name}>"
        super().format_options(ctx, formatter)


class Group(OneLine, TyperGroup):
    """Group of Typer commands, which prints the error message about a wrong option on one line.

    The help lists the commands by the heading `rich_help_panel` of each command, in the order of the first commands.
    """

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write the first sentence of each command's help, under the headings of the commands."""
        sections: dict[str, list[tuple[str, str]]] = {}
        for name in self.list_commands(ctx):
            command: Any = self.get_command(ctx, name)
            # A generous limit: Typer would cut a sentence off at the end of the line.
            row = (name, command.get_short_help_str(200).removesuffix("."))
            sections.setdefault(command.rich_help_panel or "Commands", []).append(row)
        width = max((len(name) for rows in sections.values() for name, _ in rows), default=0)
        for heading, rows in sections.items():
            with formatter.section(heading):
                formatter.write_dl([(name.ljust(width), about) for name, about in rows])


class App(typer.Typer):
    """Typer application whose commands are of the class `Command`, unless they name another class."""

    def command(self, name: str | None = None, *, cls: type[TyperCommand] | None = Command, **settings: Any) -> Any:
        """Return a decorator that adds a function as a command; the parameters are those of `typer.Typer.command`."""
        return super().command(name, cls=cls, **settings)


def _report_usage(error: typer.TyperException) -> int:
    """Print the error message about wrong options or arguments on one line; return the exit code."""
    if type(error).__name__ == "NoArgsIsHelpError":  # a group without a subcommand prints its help
        typer.echo(error.format_message(), err=True)
    else:
        show_error(str(usage_error(error)))
    return int(error.exit_code)


def show_error(message: str) -> None:
    """Print an error message on one line of standard error."""
    typer.echo(f"{paint('error:', 'error', err=True)} {one_line(message)}", err=True)


def show_warning(message: str) -> None:
    """Print a warning on one line of standard error."""
    typer.echo(f"{paint('warning:', 'warning', err=True)} {one_line(message)}", err=True)


def new_app(help_text: str | None = None, *, completion: bool = False) -> App:
    """Return an empty Typer application for a group of commands.

    Args:
        help_text: text at the top of the help.
        completion: whether the application has the options `--install-completion` and `--show-completion`.
    """
    return App(
        cls=Group,
        help=help_text,
        add_completion=completion,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"]},
    )


def stage_app(main: Callable[..., None], *, run: Run | None = None) -> typer.Typer:
    """Turn a stage's function into a Typer command.

    The command applies the key `numerics` of the parameter file. It fails if the stage is already running in
    another process with equal text arguments, such as `--name`. If DVC started the command, it ends when DVC ends.

    Args:
        main: the function.
        run: function that does the work of the command, such as one that starts several processes; None to call `main`
            directly.
    """
    stage = main.__module__.rpartition(".")[2] if main.__module__ != "__main__" else sys.argv[0]

    @functools.wraps(main)
    def guarded(*args: Any, **options: Any) -> None:
        if "DVC_STAGE" in os.environ:
            die_with_parent()
        if "name" in options:  # checked first, because the name becomes a part of paths
            require_name(options["name"], "--name")
        if "params" in options:
            follow(options["params"], restart=main.__module__ == "__main__")
            if numerics() == "portable" and not available():
                typer.echo(
                    "numerics: no x86-64 processor with AVX2; results may differ from those of other machines",
                    err=True,
                )
        names = [value for value in (*args, *options.values()) if isinstance(value, str)]
        with alone("-".join([os.path.basename(stage).removesuffix(".py"), *names])), requires_output("stage"):
            if run is None:
                main(*args, **options)
            else:
                run(functools.partial(main, *args, **options), options["params"], main.__module__ == "__main__")

    app = typer.Typer(
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.command(cls=Command)(with_errors(guarded))
    return app


@contextmanager
def requires_output(work: str) -> Iterator[None]:
    """Raise RunError if standard output is closed before the block has done its work.

    Args:
        work: name of the work that the block does, for the error.
    Raises:
        RunError: if standard output is closed while the block runs.
    """
    try:
        yield
    except BrokenPipeError:
        raise RunError(f"standard output was closed before the {work} was done; run the command again") from None


def with_errors(main: Callable[..., None]) -> Callable[..., None]:
    """Add the option `--debug`, one-line errors and exit codes to a command.

    If the reader of a pipe (`| head`) closes the pipe, the command ends without an error. SIGTERM and SIGHUP end the
    command after its temporary files are removed.
    """

    @functools.wraps(main)
    def command(*args: Any, debug: bool = False, **options: Any) -> None:
        try:
            with exit_on_signals():
                main(*args, **options)
                if sys.stdout is not None:  # None after `>&-`
                    sys.stdout.flush()  # so that a full disk is reported here, not by the interpreter at its end
        except typer.Exit:
            raise
        except Exception as error:
            raise typer.Exit(_report(error, debug)) from None
        finally:
            _discard_unwritable()

    signature = inspect.signature(main, eval_str=True)
    option = inspect.Parameter("debug", inspect.Parameter.KEYWORD_ONLY, default=False, annotation=Debug)
    parameters = [*signature.parameters.values(), option]
    command.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
    command.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return command


def _report(error: Exception, debug: bool) -> int:
    """Print an exception on one line, after its traceback if `debug` is true; return the exit code."""
    if isinstance(error, BrokenPipeError) and _reader_left():
        return 0
    line, code = describe(error)
    with suppress(OSError, ValueError):  # standard error may be full or closed itself
        if debug:
            traceback.print_exception(error)
        show_error(line)
    return code


def _reader_left() -> bool:
    """Say whether the reader of standard output or standard error has closed its pipe."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):  # a test's stream has no file number
            poll = select.poll()
            poll.register(stream.fileno(), 0)
            if poll.poll(0):
                return True
    return False


def _discard_unwritable() -> None:
    """Redirect unwritable output streams to the null device, because otherwise Python fails again when it exits."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (AttributeError, OSError, ValueError):
            with suppress(AttributeError, OSError, ValueError):
                os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def track(items: Iterable[Item], description: str, total: int | None = None) -> Iterator[Item]:
    """Yield the items, and show a progress bar on stderr if stderr is a terminal."""
    from rich.console import Console
    from rich.progress import track as rich_track

    console = Console(stderr=True)
    yield from rich_track(
        items, description, total=total, console=console, transient=True, disable=not console.is_terminal
    )
