"""Reproduce the pipeline: run the changed stages, several at once, and repair dvc.lock if necessary."""

from collections.abc import Mapping

from gradus.errors import RunError
from gradus.pipeline.durations import entry
from gradus.pipeline.dvc import dvc, stage_graph, stale_stages
from gradus.pipeline.mending import keep_lock, mend
from gradus.pipeline.parallel import run_stages
from gradus.pipeline.progress import Log
from gradus.pipeline.remote import stages_lacking_outputs
from gradus.pipeline.stages import gathered_by, read_stages
from gradus.pipeline.unexpected import unexpected_results


def reproduce(
    jobs: int, *, log: Log, show: Log = lambda line: None, pull: bool = False, complete: bool = False
) -> None:
    """Run the changed stages of the pipeline.

    Args:
        jobs: number of stages that run at once.
        log: called with each line of output.
        show: called at least once per second, while stages run, with one line about the current state.
        pull: skip unchanged stages even if their data is missing; fetch inputs and earlier results from the remote.
        complete: with `pull`, also run the stages whose outputs the remote lacks.
    Raises:
        RunError: if a stage fails.
    """
    _mend(log)
    keep_lock(trusted=True)
    try:
        _run_changed(jobs, log, show, pull, complete)
    finally:
        _mend(log)
        keep_lock()


def _mend(log: Log) -> None:
    for line in mend():
        log(line)


def _complete_folders(graph: Mapping[str, set[str]], stale: set[str]) -> None:
    """Fetch the unchanged outputs in folders that a changed stage reads, such as the models that a mixture can mix.

    DVC fetches a missing dependency, but a folder counts as present as soon as one output in it is.
    """
    entries = read_stages()
    gathered = {name: gathered_by(name, entries) for name in entries}
    wanted = {each for name in stale for each in graph[name] - stale if entry(each) in gathered[entry(name)]}
    if wanted:
        dvc("pull", "--allow-missing", *sorted(wanted))


def _run_changed(jobs: int, log: Log, show: Log, pull: bool, complete: bool) -> None:
    graph = stage_graph()
    lacking = stages_lacking_outputs() if complete else set()
    stale = stale_stages(graph, skip_missing=pull, besides=lacking & graph.keys())
    if not stale:
        log("Nothing has changed; no stage runs.")
        return
    if pull:
        _complete_folders(graph, stale)
    stages = {name: graph[name] & stale for name in graph if name in stale}
    outcome = run_stages(stages, jobs=jobs, log=log, show=show, ended=keep_lock, pull=pull)
    if outcome.failed:
        skipped = f"; stages skipped because of this: {', '.join(outcome.skipped)}" if outcome.skipped else ""
        raise RunError(f"failed: {', '.join(outcome.failed)} (the lines above give the reason){skipped}")
    # Let DVC check the result. It runs a stage here only if a file was edited meanwhile.
    if pull:
        dvc("repro", "--pull", "--allow-missing")
    else:
        dvc("repro")
    for line in unexpected_results():
        log(line)
