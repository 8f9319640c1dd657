"""Console of rich that tables are printed on."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console


def table_console(width: int) -> "Console":
    """Return a console for standard output; if this is no terminal, it has `width` columns, as a log has no width."""
    from rich.console import Console

    console = Console()
    return console if console.is_terminal else Console(width=width)
