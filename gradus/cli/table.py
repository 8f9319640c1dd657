"""gradus table: print tables of results in the terminal."""

from pathlib import Path
from typing import Annotated

import typer

from gradus.cli.completion import complete_tables
from gradus.cli.console import table_console
from gradus.errors import InputError


def main(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            help="Names of tables; by default, `ladder` (language models) and `translation`.",
            autocompletion=complete_tables,
        ),
    ] = None,
    tables: Annotated[Path, typer.Option(help="Folder that the stage `report` wrote.")] = Path("metrics/tables"),
) -> None:
    """Print tables of results, which compare the models.

    An unknown name, such as `gradus table list`, lists the names of all tables.
    """
    from gradus.cli.markdown_table import read_table
    from gradus.cli.table_layout import print_table

    console = table_console(120)
    for name in names or ["ladder", "translation"]:
        path = tables / f"{name}.md"
        if not path.exists():
            known = ", ".join(sorted(file.stem for file in tables.glob("*.md")))
            choices = f", or choose one of: {known}" if known else ""
            raise InputError(path, expected="a table", found="no file", remedy=f"run gradus repro{choices}")
        console.print(f"\n{name}\n", style="bold", markup=False)
        print_table(console, read_table(path.read_text(encoding="utf-8")))
