"""gradus ci: steps of a CI runner before, during and after the pipeline."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from gradus.command import requires_output, with_errors
from gradus.errors import RunError


def device(name: Annotated[Literal["cpu", "cuda"], typer.Argument(help="Device that the pipeline uses.")]) -> None:
    """Set the key `device` in params.yaml and keep the rest of the file."""
    from gradus.pipeline.device import set_device
    from gradus.pipeline.dvc import PARAMS

    set_device(PARAMS, name)
    typer.echo(f"{PARAMS}: device: {name}")


def run(
    jobs: Annotated[int, typer.Option("--jobs", "-j", min=1, help="Number of stages that run at once.")] = 2,
    complete: Annotated[
        bool,
        typer.Option("--complete", help="Also compute outputs that the remote lacks; fail if no remote can be read."),
    ] = False,
) -> None:
    """Run the changed stages of the pipeline. If the default remote has their results, fetch these results instead.

    If the remote can be read, the command does the same as `gradus repro --pull`. If not, the command runs every stage
    whose outputs are not in DVC's local cache.
    """
    from gradus.pipeline.remote import fetch_runs, verified_remote
    from gradus.pipeline.reproduce import reproduce

    if remote := verified_remote():
        try:
            fetch_runs(remote)
        except RunError as error:
            if complete:  # without the remote, its missing outputs are unknown
                raise
            # GitHub shows a line with this prefix on the page of the run.
            typer.echo(f"::warning::the remote {remote} cannot be read, so every changed stage runs here: {error}")
            remote = ""
    with requires_output("pipeline"):
        reproduce(jobs, log=typer.echo, pull=bool(remote), complete=complete and bool(remote))


def push() -> None:
    """Upload the outputs and the run cache to the default remote, if there is one."""
    from gradus.pipeline.remote import push, verified_remote

    if remote := verified_remote():
        push(remote)
    else:
        typer.echo("There is no remote to push to.")


def results(
    out: Annotated[Path, typer.Option(help="Path of the new folder.")],
    tree: Annotated[Path, typer.Option(help="Folder where the pipeline has run.")] = Path(),
) -> None:
    """Copy all tracked files that the pipeline changes to a new folder: params.yaml, dvc.lock and the metrics.

    Links are not copied and damaged files are refused, because the code of a pull request may have written them.
    """
    from gradus.pipeline.results import gather

    typer.echo(f"copied {len(gather(tree, out))} files to {out}")


def page(out: Annotated[Path, typer.Option(help="Path of the new file.")]) -> None:
    """Copy the report page, which is a single HTML file; fetch the page from the remote if it is missing here."""
    from gradus.artifacts.places import new_file
    from gradus.pipeline.results import report_page

    with new_file(out, lambda _: False) as part:
        part.write_bytes(report_page().read_bytes())
    typer.echo(f"wrote {out}")


def comment(
    texts: Annotated[list[Path], typer.Argument(help="Markdown files, the most important first.")],
    out: Annotated[Path, typer.Option(help="Path of the new file.")],
) -> None:
    """Join Markdown files into one comment for GitHub; remove the end of the comment if it is too long."""
    from gradus.artifacts.places import new_file, write_text
    from gradus.review.markdown import joined_comment

    with new_file(out, lambda _: False, inputs=texts) as part:
        write_text(part, joined_comment(texts))
    typer.echo(f"wrote {out}")


def add_to(app: typer.Typer) -> None:
    """Add the commands of this file to `gradus ci`."""
    for command in (device, run, push, results, page, comment):
        app.command(command.__name__)(with_errors(command))
