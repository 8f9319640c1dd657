"""gradus ci: what continuous integration needs."""

from pathlib import Path
from typing import Annotated

import typer

from gradus.command import new_app, with_errors

app = new_app("What continuous integration needs.")

Base = Annotated[str, typer.Option(help="Branch, tag or commit to compare with.")]


@app.callback()
def group() -> None:
    """What continuous integration needs."""


def report(
    base: Base = "origin/main",
    out: Annotated[Path | None, typer.Option(help="File for the text instead of the terminal.")] = None,
    whole: Annotated[bool, typer.Option("--whole", help="Do not cut the text to what a comment takes.")] = False,
) -> None:
    """Say which models, parameters and pictures of the working tree differ from a commit, as Markdown.

    Needs no data, for metrics are in git. Per-line scores, from DVC's cache or its remote, tell noise from change.
    """
    import sys

    from gradus.review.markdown import COMMENT_LIMIT
    from gradus.review.report import MARK, describe_changes

    text = describe_changes(base, limit=sys.maxsize if whole else COMMENT_LIMIT)
    if out is None:
        typer.echo(text, nl=False)
        return
    _write(out, MARK, text)
    typer.echo(f"wrote {out}")


def gate(
    base: Base = "origin/main",
    out: Annotated[Path | None, typer.Option(help="File for the summary besides.")] = None,
) -> None:
    """Fail if the working tree has a regression against a commit, by the rules of gate.yaml.

    A missing metric, a model that vanished, a leak and results older than parameters or code fail too.
    """
    from gradus.errors import RunError
    from gradus.review.gate import MARK
    from gradus.review.gate import gate as judge

    outcome = judge(base)
    typer.echo(outcome.summary, nl=False)
    if out is not None:
        _write(out, MARK, outcome.summary)
    if outcome.failures:
        raise RunError(f"the gate fails: {', '.join(outcome.subjects)}; the summary says why")


def _write(out: Path, mark: str, text: str) -> None:
    """Write a text that begins with a mark; an earlier one is replaced, nothing else."""
    from gradus.artifacts.places import begins_with, new_file, write_text

    with new_file(out, begins_with(mark.encode())) as part:
        write_text(part, text)


app.command("report")(with_errors(report))
app.command("gate")(with_errors(gate))
