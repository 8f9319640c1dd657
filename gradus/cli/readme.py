"""gradus readme: update the tables of the README."""

from pathlib import Path
from typing import Annotated

import typer


def main(
    readme: Annotated[Path, typer.Option(help="File with the tables.")] = Path("README.md"),
    tables: Annotated[Path, typer.Option(help="Folder of the tables that `report` writes.")] = Path("metrics/tables"),
) -> None:
    """Copy the tables of results into the README."""
    from gradus.artifacts.places import new_file, write_text
    from gradus.pipeline.readme import splice

    text = readme.read_text(encoding="utf-8")
    renewed = splice(text, tables)
    if renewed != text:
        with new_file(readme, Path.is_file) as part:  # any file may be replaced, because its text is kept
            write_text(part, renewed)
    typer.echo(f"{readme} is {'renewed' if renewed != text else 'up to date'}")
