"""gradus readme: update the tables of results in the README."""

from pathlib import Path
from typing import Annotated

import typer


def main(
    readme: Annotated[Path, typer.Option(help="Markdown file to update.")] = Path("README.md"),
    tables: Annotated[Path, typer.Option(help="Folder that the stage `report` wrote.")] = Path("metrics/tables"),
) -> None:
    """Copy the tables of results into the README, between the markers for each table."""
    from gradus.artifacts.places import new_file, write_text
    from gradus.pipeline.readme import splice

    text = readme.read_text(encoding="utf-8")
    renewed = splice(text, tables)
    if renewed != text:
        # any file may be replaced, because the text outside of the tables is kept
        with new_file(readme, Path.is_file) as part:
            write_text(part, renewed)
    typer.echo(f"{readme} is {'updated' if renewed != text else 'already up to date'}")
