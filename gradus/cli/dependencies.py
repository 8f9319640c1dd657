"""gradus dependencies: update the list of imported code files of every stage in dvc.yaml."""

from pathlib import Path
from typing import Annotated

import typer


def main(
    pipeline: Annotated[Path, typer.Option(help="File that describes the pipeline.")] = Path("dvc.yaml"),
) -> None:
    """Update the code dependencies in dvc.yaml from the imports of every stage.

    Run this command in the root of the repository after an import has changed.
    """
    from gradus.artifacts.places import new_file, write_text
    from gradus.pipeline.dependencies import splice

    text = pipeline.read_text(encoding="utf-8")
    renewed = splice(text)
    if renewed != text:
        with new_file(pipeline, Path.is_file) as part:  # a kill must not leave half a pipeline
            write_text(part, renewed)
    typer.echo(f"{pipeline} is {'updated' if renewed != text else 'already up to date'}")
