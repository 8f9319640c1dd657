"""gradus pull: fetch outputs from a DVC remote and check them against dvc.lock."""

from pathlib import Path
from typing import Annotated

import typer

from gradus.cli.clone import require_clone


def main(
    remote: Annotated[str, typer.Option(help="Name of the remote.", show_default="the default remote")] = "",
) -> None:
    """Fetch the outputs in dvc.lock from a DVC remote, and check each output.

    With `dvc pull`, the remote chooses the paths that are written; this command writes only to the paths in dvc.lock.
    If the remote lacks an output, or has other bytes, the output stays missing; run `dvc repro` to compute it.
    """
    require_clone()
    from gradus.cli import verify
    from gradus.pipeline.pull import pull

    pull(Path("dvc.lock"), remote)
    verify.main()
