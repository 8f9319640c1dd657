"""gradus repro: run the pipeline, several stages at once."""

from typing import Annotated

import typer

from gradus.cli.clone import require_clone
from gradus.cli.live_line import live_line
from gradus.command import requires_output


def main(
    jobs: Annotated[int, typer.Option("--jobs", "-j", min=1, help="Number of stages that run at once.")] = 2,
    pull: Annotated[
        bool,
        typer.Option("--pull", help="Use results of earlier runs from the remote; fetch only what stages need."),
    ] = False,
    replace_results: Annotated[
        bool,
        typer.Option("--replace-results", help="Replace tracked results of another corpus; git keeps the old ones."),
    ] = False,
) -> None:
    """Run the changed stages of the pipeline, several at once, and finish with `dvc repro`.

    DVC decides which stages run, and caches and records their results. A plain `dvc repro` gives the same results, but
    runs one stage after the other. If a killed command has left a damaged dvc.lock, the file is repaired first.

    Each stage that starts prints its number and an estimate of the time that is left, from the durations of earlier
    runs. On a terminal, the last line shows the running stages.

    With --pull, an unchanged stage does not run even if its data is missing, as in `dvc repro --pull --allow-missing`.
    Results can then come from the remote, so use --pull only if you trust everyone who can write to the remote.

    If params.yaml names another corpus than the last commit, the run would replace the results that git tracks. The
    command refuses this without --replace-results; `gradus recipe new` keeps the results. After a commit of params.yaml
    it asks no more.
    """
    require_clone()
    from gradus.pipeline.kept import require_kept_results
    from gradus.pipeline.remote import required_remote
    from gradus.pipeline.reproduce import reproduce

    if not replace_results:
        require_kept_results()
    if pull:
        required_remote()
    with requires_output("pipeline"), live_line() as (log, show):
        reproduce(jobs, log=log, show=show, pull=pull)
