"""gradus pull: fetch outputs from a DVC remote and check them against dvc.lock."""

from pathlib import Path
from typing import Annotated

import typer


def main(
    remote: Annotated[str, typer.Option(help="Name of the remote.", show_default="the default remote")] = "",
) -> None:
    """Fetch the outputs that dvc.lock names from a DVC remote, and check every one.

    `dvc pull` lets the remote choose where files are written; this command writes only where dvc.lock says. If the
    remote lacks an output, or has other bytes, the output stays missing; make it with `dvc repro`.
    """
    from gradus.cli import verify
    from gradus.pipeline.pull import pull

    pull(Path("dvc.lock"), remote)
    verify.main()
