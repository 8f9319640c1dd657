"""gradus mend: what a killed DVC command left."""

import typer


def main() -> None:
    """Mend dvc.lock and DVC's other leftovers after a command that was killed, or a conflict in git.

    Lost entries come from the copy that gradus repro keeps in .gradus, else from the last commit; DVC checks each of
    them anyway. The damaged file is kept in .gradus. gradus repro does the same by itself.
    """
    from gradus.pipeline.mending import keep_lock, mend

    lines = mend()
    keep_lock(trusted=True)
    for line in lines or ["Nothing is damaged."]:
        typer.echo(line)
