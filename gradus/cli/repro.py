"""gradus repro: the pipeline, two stages at a time."""

from typing import Annotated

import typer


def main(
    jobs: Annotated[int, typer.Option("--jobs", "-j", min=1, help="Stages that run at once.")] = 2,
) -> None:
    """Run what has changed of the pipeline, several stages at once, and close with `dvc repro`.

    What runs is decided, cached and recorded by DVC; a plain `dvc repro` does the same, one stage after
    the other.
    """
    from gradus.errors import RunError
    from gradus.pipeline.dvc import dvc, stage_graph, stale_stages
    from gradus.pipeline.parallel import run_stages

    graph = stage_graph()
    stale = stale_stages(graph)
    if not stale:
        typer.echo("Nothing has changed; no stage runs.")
        return
    outcome = run_stages({name: graph[name] & stale for name in graph if name in stale}, jobs=jobs, log=typer.echo)
    if outcome.failed:
        skipped = f"; skipped because of it: {', '.join(outcome.skipped)}" if outcome.skipped else ""
        raise RunError(f"failed: {', '.join(outcome.failed)} (the lines above say why){skipped}")
    dvc("repro")  # runs nothing, unless a file was edited meanwhile
