"""gradus ci: what continuous integration needs."""

from pathlib import Path
from typing import Annotated

import typer

from gradus.cli.options import Force
from gradus.command import new_app, with_errors

app = new_app("What continuous integration needs.")


@app.callback()
def group() -> None:
    """What continuous integration needs."""


def report(
    base: Annotated[str, typer.Option(help="Branch, tag or commit to compare with.")] = "origin/main",
    out: Annotated[Path, typer.Option(help="Where the text is written, as Markdown.")] = Path("ci-report.md"),
    pictures: Annotated[str, typer.Option(help="Address of this tree's files, for the plots to be shown.")] = "",
    whole: Annotated[bool, typer.Option("--whole", help="Do not cut the text to what a comment takes.")] = False,
    force: Force = False,
) -> None:
    """Say which parameters, metrics and plots of the working tree differ from a commit.

    Needs no data, for metrics are in git.
    """
    import sys

    from gradus.artifacts.places import begins_with, new_file, write_text
    from gradus.pipeline.changes import COMMENT_LIMIT, MARK, describe_changes

    limit = sys.maxsize if whole else COMMENT_LIMIT
    with new_file(out, begins_with(MARK.encode()), replace=force) as part:
        write_text(part, describe_changes(base, pictures=pictures, limit=limit))
    typer.echo(f"wrote {out}")


app.command("report")(with_errors(report))
