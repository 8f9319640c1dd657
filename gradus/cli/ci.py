"""gradus ci: what continuous integration needs."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
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

    with _written(out, MARK) as write:
        text = describe_changes(base, limit=sys.maxsize if whole else COMMENT_LIMIT)
        write(text)
    typer.echo(text if out is None else f"wrote {out}", nl=out is not None)


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

    with _written(out, MARK) as write:
        outcome = judge(base)
        write(outcome.summary)
    typer.echo(outcome.summary, nl=False)
    if outcome.failures:
        raise RunError(f"the gate fails: {', '.join(outcome.subjects)}; the summary says why")


@contextmanager
def _written(out: Path | None, mark: str) -> Iterator[Callable[[str], None]]:
    """Refuse a place before the work begins; yield what writes a text there, or nowhere without a place.

    An earlier text that begins with the mark is replaced, nothing else.
    """
    from gradus.artifacts.places import begins_with, new_file, write_text

    if out is None:
        yield lambda _: None
        return
    with new_file(out, begins_with(mark.encode())) as part:
        yield partial(write_text, part)


app.command("report")(with_errors(report))
app.command("gate")(with_errors(gate))
