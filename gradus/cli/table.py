"""gradus table: the results in the terminal."""

from pathlib import Path
from typing import Annotated

import typer

from gradus.errors import InputError


def main(
    names: Annotated[list[str] | None, typer.Argument(help="Tables of the report; the main ones if none.")] = None,
    tables: Annotated[Path, typer.Option(help="Folder of the tables that `report` writes.")] = Path("metrics/tables"),
) -> None:
    """Print tables of results: what every rung of the ladder reached."""
    from rich.console import Console
    from rich.markdown import Markdown

    console = Console()
    if not console.is_terminal:
        console = Console(width=120)  # columns, for a log
    for name in names or ["ladder", "translation"]:
        path = tables / f"{name}.md"
        if not path.exists():
            known = ", ".join(sorted(file.stem for file in tables.glob("*.md"))) or "none yet"
            raise InputError(path, expected="a table", found="no file", remedy=f"run dvc repro; there is: {known}")
        console.print(Markdown(f"## {name}\n\n{path.read_text(encoding='utf-8')}"))
