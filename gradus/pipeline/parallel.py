"""Run stages of the pipeline in parallel; `dvc repro` runs only one stage at a time.

DVC itself still runs, caches and records every stage (`dvc repro --single-item`), so a plain `dvc repro` afterwards has
nothing to do. A chain of stages, such as training, decoding and evaluation of one model, shares one DVC process,
because each process takes half a second to start.
"""

import asyncio
import re
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from functools import partial
from typing import Any

from gradus.pipeline.durations import read_durations
from gradus.pipeline.dvc import DVC
from gradus.pipeline.progress import Log, Progress
from gradus.pipeline.relay import dvc_process, output_lines
from gradus.pipeline.schedule import Graph, next_chain

RunChain = Callable[[list[str]], Coroutine[Any, Any, str | None]]
"""Function that runs a chain of stages and returns the stage that failed, or None."""

_PLAIN = (*DVC, "--wait-for-lock", "repro", "--single-item")
_PULLING = (*_PLAIN, "--pull")

# What DVC 3.67 prints if another process uses a file of the stage.
_BUSY = re.compile(r"is busy, it is being blocked by|Unable to acquire lock")
_BEGUN = re.compile(r"(?:Running stage|Stage|ERROR: failed to reproduce) '(.+?)'")
_BUSY_ATTEMPTS = 20  # one per second
_TICK = 1.0  # seconds between two updates of the progress
# Lines of DVC that say nothing about the stage.
_NOISE = re.compile(
    r"\s*$|> |Updating lock file|To track the changes|\tgit add|To enable auto|\tdvc config core|Use `dvc push`"
)


@dataclass(frozen=True)
class Outcome:
    """Failed stages, and stages that were skipped because of a failure, both in the order of the pipeline."""

    failed: list[str]
    skipped: list[str]


def run_stages(
    stages: Graph,
    *,
    jobs: int,
    log: Log,
    show: Log = lambda line: None,
    ended: Callable[[], None] = lambda: None,
    pull: bool = False,
) -> Outcome:
    """Run stages in the order of their dependencies, `jobs` chains at a time.

    If a stage fails, all stages downstream of it are skipped, and all other stages still run. The durations of the
    stages are kept for the estimate of the next run.

    Args:
        stages: the stages to run. Each key is a stage; the value is the set of keys that must run before this stage.
        jobs: maximum number of DVC processes at the same time, at least 1.
        log: called with each line of output, and with lines about the progress. A line of output starts with the name
            of the stage that printed it.
        show: called at least once per second with one line about the current state.
        ended: called after each chain has ended.
        pull: fetch missing inputs and results of earlier runs from the remote.
    Returns:
        The failed and skipped stages; both lists are empty after a success.
    Raises:
        KeyboardInterrupt: after Ctrl-C, once all running stages have ended.
    """
    # A copy, because `_run_stages` removes stages from it.
    waiting = {name: set(needs) for name, needs in stages.items()}
    progress = Progress(waiting, jobs, read_durations(), log, show)
    run = partial(_reproduce, progress=progress, command=_PULLING if pull else _PLAIN)
    outcome = asyncio.run(_run_stages(waiting, progress, run, ended))
    log(progress.summary(len(outcome.skipped)))
    return outcome


async def _run_stages(
    waiting: dict[str, set[str]], progress: Progress, run: RunChain, ended: Callable[[], None]
) -> Outcome:
    """Run chains, several at a time (see `run_stages`); remove each started stage from `waiting`."""
    order = list(waiting)
    failed: set[str] = set()
    skipped: set[str] = set()
    running: dict[asyncio.Task[str | None], list[str]] = {}
    try:
        while True:
            while len(running) < progress.jobs and (chain := next_chain(waiting)):
                running[asyncio.create_task(run(chain))] = chain
                for name in chain:
                    del waiting[name]
                progress.chain_started(chain)
            if not running:
                skipped.update(waiting)  # their dependencies failed, so they never become ready
                return Outcome([name for name in order if name in failed], [name for name in order if name in skipped])
            tasks, _ = await asyncio.wait(running, timeout=_TICK, return_when=asyncio.FIRST_COMPLETED)
            if not tasks:
                progress.tick()
                continue
            ended()
            for task in tasks:
                chain, failure = running.pop(task), task.result()
                done = chain[: chain.index(failure)] if failure else chain
                failed.update(chain[len(done) : len(done) + 1])  # DVC stops a chain at its first failure
                skipped.update(chain[len(done) + 1 :])
                for needs in waiting.values():
                    needs.difference_update(done)
                progress.chain_ended(chain, failure)
    finally:  # after Ctrl-C: cancelling a task interrupts its DVC process
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


async def _reproduce(chain: list[str], progress: Progress, command: tuple[str, ...]) -> str | None:
    """Run a chain; return the failed stage, or None. Try again while another DVC process uses files of the chain."""
    for _ in range(_BUSY_ATTEMPTS):
        failure, busy = await _attempt(chain, progress, command)
        if not (failure and busy):
            break
        await asyncio.sleep(1)
    return failure


async def _attempt(chain: list[str], progress: Progress, command: tuple[str, ...]) -> tuple[str | None, bool]:
    """Run a chain once.

    Returns:
        First, the stage that failed, or None. Second, whether DVC reported a file in use.
    """
    async with dvc_process(*command, *chain) as process:
        last, busy = await _relay(process, chain, progress)
        return (last if await process.wait() else None), busy


async def _relay(process: asyncio.subprocess.Process, chain: list[str], progress: Progress) -> tuple[str, bool]:
    """Log the output of a DVC process, and report the stages that it starts.

    Returns:
        First, the last stage that ran. Second, whether DVC reported a file in use.
    """
    name, busy = chain[0], False
    async for line in output_lines(process):
        if (begun := _BEGUN.match(line)) and begun[1] in chain:
            name = begun[1]
            progress.stage_started(name, runs=line.startswith("Running stage"))
        busy = busy or bool(_BUSY.search(line))
        if not _NOISE.match(line):
            progress.log(f"[{name}] {line}")
    return name, busy
