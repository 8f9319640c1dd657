"""gradus mend: repair the files of DVC after a killed command."""

import typer

from gradus.cli.clone import require_clone


def main() -> None:
    """Repair dvc.lock and DVC's list of files in use after a killed command or a conflict in git.

    Lost entries of dvc.lock are restored from the copy in .gradus, or else from the last commit. DVC checks every entry
    before using it. The damaged file is kept in .gradus. `gradus repro` makes the same repairs automatically.
    """
    require_clone()
    from gradus.pipeline.mending import keep_lock, mend

    lines = mend()
    keep_lock(trusted=True)
    for line in lines or ["Nothing is damaged."]:
        typer.echo(line)
