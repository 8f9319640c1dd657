"""gradus ci: what a runner does before and after the pipeline, one command each."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from gradus.command import with_errors
from gradus.errors import RunError


def device(name: Annotated[Literal["cpu", "cuda"], typer.Argument(help="The device that stages compute on.")]) -> None:
    """Set the device in params.yaml; nothing else in the file changes."""
    from gradus.pipeline.device import set_device
    from gradus.pipeline.dvc import PARAMS

    set_device(PARAMS, name)
    typer.echo(f"{PARAMS}: device: {name}")


def run(
    jobs: Annotated[int, typer.Option("--jobs", "-j", min=1, help="Stages that run at once.")] = 2,
    complete: Annotated[
        bool, typer.Option("--complete", help="Also make outputs that the remote lacks; it must be there to be read.")
    ] = False,
) -> None:
    """Run what has changed of the pipeline, with `gradus repro --pull` where a remote can be read.

    Without a remote, or without the right to read it, all that DVC's cache here lacks is made anew.
    """
    from gradus.cli.repro import reproduce
    from gradus.pipeline.remote import fetch_runs, verified_remote

    if remote := verified_remote():
        try:
            fetch_runs(remote)
        except RunError as error:
            if complete:
                raise
            typer.echo(f"::warning::the remote {remote} cannot be read, and stages run anew: {error}")
            remote = ""
    reproduce(jobs, pull=bool(remote), complete=complete and bool(remote))


def push() -> None:
    """Send the outputs and the run cache to the default remote, if there is one."""
    from gradus.pipeline.remote import push, verified_remote

    if remote := verified_remote():
        push(remote)
    else:
        typer.echo("There is no remote to push to.")


def results(
    out: Annotated[Path, typer.Option(help="A new folder.")],
    tree: Annotated[Path, typer.Option(help="Where the pipeline has run.")] = Path(),
) -> None:
    """Copy what a run changes of git's files to a folder: params.yaml, dvc.lock and the metrics.

    Each is checked to be a plain file that can be read, for the tree may be a stranger's.
    """
    from gradus.pipeline.results import gather

    typer.echo(f"{out}: {len(gather(tree, out))} files")


def page(out: Annotated[Path, typer.Option(help="Where the page is written.")]) -> None:
    """Copy the report page, one file that a browser opens; it is fetched from the remote if it is not here."""
    import shutil

    from gradus.artifacts.places import new_file
    from gradus.pipeline.results import report_page

    with new_file(out, lambda _: False) as part:
        shutil.copyfile(report_page(), part)
    typer.echo(f"wrote {out}")


def comment(
    texts: Annotated[list[Path], typer.Argument(help="Markdown, the most important first.")],
    out: Annotated[Path, typer.Option(help="Where the comment is written.")],
) -> None:
    """Join texts to one that GitHub takes as a comment; the end is cut where it is too long."""
    from gradus.artifacts.inputs import read_bytes
    from gradus.artifacts.places import new_file, write_text
    from gradus.review.markdown import COMMENT_LIMIT, shortened

    contents = [read_bytes(path, "a text", "write it first", most=1 << 26) for path in texts]
    joined = "\n".join(content.decode(errors="replace") for content in contents)
    with new_file(out, lambda _: False, inputs=texts) as part:
        write_text(part, shortened(joined, COMMENT_LIMIT))
    typer.echo(f"wrote {out}")


def add_to(app: typer.Typer) -> None:
    """Add the commands to `gradus ci`."""
    for command in (device, run, push, results, page, comment):
        app.command(command.__name__)(with_errors(command))
