"""Answer lines that a person types, one after the other, until the end of input (Ctrl-D)."""

import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

import typer

from gradus.command import show_error
from gradus.errors import InputError, RunError
from gradus.terminal import is_terminal, paint

STDIN = Path("/dev/stdin")
"""Path that stands for standard input."""


def is_conversation() -> bool:
    """Say whether a person types the input and reads the output: whether both are terminals."""
    return is_terminal(sys.stdin) and is_terminal(sys.stdout)


def announce_reading(file: Path) -> None:
    """Tell a person at a terminal that the command reads what they type, if the file is standard input."""
    if file == STDIN and is_terminal(sys.stdin):
        typer.echo(paint("Reading the text from the terminal; Ctrl-D ends it.", "faint", err=True), err=True)


def converse(answer: Callable[[str], Iterable[str]]) -> None:
    """Read lines from the terminal and print the answer to each line, until the user presses Ctrl-D.

    The arrow keys edit a line and recall earlier lines. Ctrl-C discards the line or stops an answer; pressed twice in a
    row, it ends the command. A wrong line is refused with an error message, and the next line is read.

    Args:
        answer: function that yields the lines of the answer.
    Raises:
        KeyboardInterrupt: if the user presses Ctrl-C twice in a row.
    """
    with suppress(ImportError):  # some builds of Python lack it; then lines cannot be edited
        import readline  # noqa: F401  `input` uses it once it is imported
    typer.echo(paint("Ctrl-D ends, Ctrl-C discards a line.", "faint", err=True), err=True)
    while (line := _read_line()) is not None:
        try:
            for text in answer(line):
                typer.echo(text)
        except (InputError, RunError) as error:
            show_error(str(error))
        except KeyboardInterrupt:
            typer.echo()


def _read_line() -> str | None:
    """Read one line; return None at the end of input."""
    interrupted = False
    while True:
        try:
            return input("> ")
        except EOFError:
            typer.echo()
            return None
        except KeyboardInterrupt:
            typer.echo()
            if interrupted:
                raise
            interrupted = True
