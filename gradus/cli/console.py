"""Console of rich that tables are printed on."""

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console


def table_console(width: int) -> "Console":
    """Return a console for standard output.

    A log has no width, so it gets `width` columns, unless the variable COLUMNS says otherwise.
    """
    from rich.console import Console

    console = Console()
    chosen = os.environ.get("COLUMNS", "").isdecimal() and int(os.environ["COLUMNS"]) > 0
    return console if console.is_terminal or chosen else Console(width=width)
