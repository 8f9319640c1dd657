"""A line at the bottom of the terminal that shows the current state of a long command."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

import typer

Print = Callable[[str], None]


@contextmanager
def live_line() -> Iterator[tuple[Print, Print]]:
    """Show a line that can be replaced, at the bottom of the terminal, while the block runs.

    The line is on standard error. If standard error is not a terminal, there is no such line.

    Yields:
        First, a function that prints a line to standard output. Second, a function that replaces the live line.
    """
    from rich.console import Console
    from rich.live import Live
    from rich.text import Text

    console = Console(stderr=True)
    if not console.is_terminal or console.is_dumb_terminal:
        yield typer.echo, lambda line: None
        return
    # rich moves the live line down only below text that it prints itself.
    on_screen = sys.stdout is not None and sys.stdout.isatty()
    above = partial(console.print, markup=False, highlight=False, emoji=False, soft_wrap=True)
    # Without a thread that refreshes the line: child processes start safely only in a process with one thread.
    with Live(
        console=console, auto_refresh=False, transient=True, redirect_stdout=False, redirect_stderr=False
    ) as live:
        yield (
            above if on_screen else typer.echo,
            lambda line: live.update(Text(line, no_wrap=True, overflow="ellipsis"), refresh=True),
        )
