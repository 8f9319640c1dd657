"""gradus ci: compare results with those of another commit, in continuous integration."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from gradus.cli.clone import require_clone
from gradus.command import new_app, with_errors

app = new_app("Commands for continuous integration.")

Base = Annotated[str, typer.Option(help="Branch, tag or commit to compare with.")]


@app.callback()
def group() -> None:
    """Commands for continuous integration."""


def report(
    base: Base = "origin/main",
    out: Annotated[Path | None, typer.Option(help="File to write the report to; by default, it is printed.")] = None,
    whole: Annotated[bool, typer.Option("--whole", help="Do not shorten the report to GitHub's length limit.")] = False,
) -> None:
    """Report in Markdown how metrics, parameters and plots differ from those of another commit.

    The report needs no data, because metrics are in git. If the per-line scores are in DVC's cache or in its remote,
    the report also says which differences are significant.
    """
    require_clone()
    import sys

    from gradus.review.markdown import COMMENT_LIMIT
    from gradus.review.report import MARK, describe_changes

    with _writer(out, MARK) as write:
        text = describe_changes(base, limit=sys.maxsize if whole else COMMENT_LIMIT)
        write(text)
    typer.echo(text if out is None else f"wrote {out}", nl=out is not None)  # the report ends with a line end


def gate(
    base: Base = "origin/main",
    out: Annotated[Path | None, typer.Option(help="File for a copy of the summary.")] = None,
) -> None:
    """Fail if a result is worse than in another commit, according to the rules in gate.yaml.

    The command also fails if a metric or a model is missing, if test sentences have leaked into training, or if the
    results are older than the parameters or the code.
    """
    require_clone()
    from gradus.errors import RunError
    from gradus.review.gate import MARK
    from gradus.review.gate import gate as judge

    with _writer(out, MARK) as write:
        outcome = judge(base)
        write(outcome.summary)
    typer.echo(outcome.summary, nl=False)
    if outcome.failures:
        raise RunError(f"the gate fails: {', '.join(outcome.subjects)}; the summary gives the reasons")


@contextmanager
def _writer(out: Path | None, mark: str) -> Iterator[Callable[[str], None]]:
    """Yield a function that writes a text to the file `out`. If `out` is None, the function does nothing.

    The file is checked before the block, so that the command does not fail after a long comparison.

    Args:
        out: path of the file. An existing file is replaced only if it begins with `mark`.
        mark: first line of the text.
    """
    from gradus.artifacts.places import begins_with, new_file, write_text

    if out is None:
        yield lambda _: None
        return
    with new_file(out, begins_with(mark.encode())) as part:
        yield partial(write_text, part)


app.command("report")(with_errors(report))
app.command("gate")(with_errors(gate))
