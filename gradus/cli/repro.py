"""gradus repro: the pipeline, two stages at a time."""

from typing import Annotated

import typer

from gradus.errors import RunError


def main(
    jobs: Annotated[int, typer.Option("--jobs", "-j", min=1, help="Stages that run at once.")] = 2,
) -> None:
    """Run what has changed of the pipeline, several stages at once, and close with `dvc repro`.

    What runs is decided, cached and recorded by DVC; a plain `dvc repro` does the same, one stage after
    the other. A dvc.lock that was cut by a kill is mended at the start and at the end.
    """
    from gradus.pipeline.mending import keep_lock, mend

    for line in mend():
        typer.echo(line)
    keep_lock(trusted=True)
    try:
        _reproduce(jobs)
    except BrokenPipeError:  # its work is not what it prints
        raise RunError("standard output was closed before the pipeline was done; run it again") from None
    finally:
        for line in mend():
            typer.echo(line)
        keep_lock()


def _reproduce(jobs: int) -> None:
    from gradus.pipeline.dvc import dvc, stage_graph, stale_stages
    from gradus.pipeline.mending import keep_lock
    from gradus.pipeline.parallel import run_stages

    graph = stage_graph()
    stale = stale_stages(graph)
    if not stale:
        typer.echo("Nothing has changed; no stage runs.")
        return
    stages = {name: graph[name] & stale for name in graph if name in stale}
    outcome = run_stages(stages, jobs=jobs, log=typer.echo, ended=keep_lock)
    if outcome.failed:
        skipped = f"; skipped because of it: {', '.join(outcome.skipped)}" if outcome.skipped else ""
        raise RunError(f"failed: {', '.join(outcome.failed)} (the lines above say why){skipped}")
    dvc("repro")  # runs nothing, unless a file was edited meanwhile
