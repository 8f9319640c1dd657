"""gradus pull: outputs from a DVC remote that need not be trusted with more than its files' bytes."""

from pathlib import Path
from typing import Annotated

import typer


def main(
    remote: Annotated[str, typer.Option(help="Name of the remote.", show_default="the default one")] = "",
) -> None:
    """Fetch the outputs that dvc.lock names from a DVC remote, and check every one.

    As `dvc pull`, which writes where the remote says, this writes where dvc.lock says. Outputs that the remote lacks,
    or has with other bytes, stay missing: `dvc repro` makes them.
    """
    from gradus.cli import verify
    from gradus.pipeline.pull import pull

    pull(Path("dvc.lock"), remote)
    verify.main()
