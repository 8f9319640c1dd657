"""gradus repro: the pipeline, two stages at a time."""

from typing import Annotated

import typer

from gradus.errors import RunError


def main(
    jobs: Annotated[int, typer.Option("--jobs", "-j", min=1, help="Stages that run at once.")] = 2,
    pull: Annotated[
        bool,
        typer.Option("--pull", help="Take what earlier runs left in the remote; fetch only what changed stages need."),
    ] = False,
) -> None:
    """Run what has changed of the pipeline, several stages at once, and close with `dvc repro`.

    What runs is decided, cached and recorded by DVC; a plain `dvc repro` does the same, one stage after
    the other. A dvc.lock that was cut by a kill is mended at the start and at the end.

    With --pull, as `dvc repro --pull --allow-missing`: a stage of which nothing has changed is left alone, its data
    here or not. Whoever writes the remote's run cache says what its results are.
    """
    from gradus.pipeline.remote import required_remote

    if pull:
        required_remote()
    reproduce(jobs, pull=pull)


def reproduce(jobs: int, *, pull: bool = False, complete: bool = False) -> None:
    """Run what has changed of the pipeline.

    Args:
        jobs: stages that run at once.
        pull: leave out what is unchanged but missing; fetch inputs, and results of earlier runs, from the remote.
        complete: with `pull`, also make the outputs that the remote lacks.
    Raises:
        RunError: if a stage fails.
    """
    from gradus.pipeline.mending import keep_lock, mend

    for line in mend():
        typer.echo(line)
    keep_lock(trusted=True)
    try:
        _reproduce(jobs, pull, complete)
    except BrokenPipeError:  # its work is not what it prints
        raise RunError("standard output was closed before the pipeline was done; run it again") from None
    finally:
        for line in mend():
            typer.echo(line)
        keep_lock()


def _reproduce(jobs: int, pull: bool, complete: bool) -> None:
    from gradus.pipeline.dvc import GUARDED_DVC, dvc, stage_graph, stale_stages
    from gradus.pipeline.mending import keep_lock
    from gradus.pipeline.parallel import run_stages
    from gradus.pipeline.remote import stages_lacking_outputs
    from gradus.pipeline.unexpected import unexpected_results

    graph = stage_graph()
    lacking = stages_lacking_outputs() if complete else set()
    stale = stale_stages(graph, skip_missing=pull, besides=lacking & graph.keys())
    if not stale:
        typer.echo("Nothing has changed; no stage runs.")
        return
    stages = {name: graph[name] & stale for name in graph if name in stale}
    outcome = run_stages(stages, jobs=jobs, log=typer.echo, ended=keep_lock, pull=pull)
    if outcome.failed:
        skipped = f"; skipped because of it: {', '.join(outcome.skipped)}" if outcome.skipped else ""
        raise RunError(f"failed: {', '.join(outcome.failed)} (the lines above say why){skipped}")
    if pull:
        dvc("repro", "--pull", "--allow-missing", program=GUARDED_DVC)
    else:
        dvc("repro")  # runs nothing, unless a file was edited meanwhile
    for line in unexpected_results():
        typer.echo(line)
