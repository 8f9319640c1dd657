"""Reproduce the pipeline with several stages at once, which `dvc repro` cannot do.

Every stage is still run, cached and locked by DVC itself (`dvc repro --single-item`), so that a plain
`dvc repro` afterwards has nothing to do. A chain of stages that nothing else waits for, such as the
training, the decoding and the evaluation of one model, is one DVC process, for each costs half a second.
"""

import asyncio
import re
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from gradus.pipeline.dvc import DVC, GUARDED_DVC
from gradus.pipeline.relay import lines, started

Waiting = Mapping[str, set[str]]
Log = Callable[[str], None]
Run = Callable[[list[str]], Coroutine[Any, Any, str | None]]

_PLAIN = (*DVC, "--wait-for-lock", "repro", "--single-item")
_PULLING = (*GUARDED_DVC, "--wait-for-lock", "repro", "--single-item", "--pull")

_BUSY = re.compile(r"is busy, it is being blocked by|Unable to acquire lock")
_BEGUN = re.compile(r"(?:Running stage|Stage|ERROR: failed to reproduce) '(.+?)'")
_BUSY_ATTEMPTS = 20  # a second apart
_NOISE = re.compile(
    r"\s*$|> |Updating lock file|To track the changes|\tgit add|To enable auto|\tdvc config core|Use `dvc push`"
)


@dataclass(frozen=True)
class Outcome:
    """The stages that failed, and those that were skipped because of it, in the order of the pipeline."""

    failed: list[str]
    skipped: list[str]


def run_stages(
    stages: Waiting, *, jobs: int, log: Log, ended: Callable[[], None] = lambda: None, pull: bool = False
) -> Outcome:
    """Run stages in the order of their dependencies, `jobs` chains at a time.

    A stage that fails takes along those that read from it; the others still run.

    Args:
        stages: name of each stage to run -> those of them that it reads from.
        jobs: DVC processes at once, at least 1.
        log: takes one line at a time, led by the name of the stage that printed it.
        ended: called after each chain.
        pull: fetch missing inputs and the results of earlier runs from the remote.
    Returns:
        What was not done; both lists are empty if all was.
    Raises:
        KeyboardInterrupt: on Ctrl-C, once the running stages have been interrupted too and have ended.
    """
    run = partial(_reproduce, log=log, command=_PULLING if pull else _PLAIN)
    return asyncio.run(_run_stages({name: set(needs) for name, needs in stages.items()}, jobs, run, ended))


async def _run_stages(waiting: dict[str, set[str]], jobs: int, run: Run, ended: Callable[[], None]) -> Outcome:
    order = list(waiting)
    failed: set[str] = set()
    skipped: set[str] = set()
    running: dict[asyncio.Task[str | None], list[str]] = {}
    try:
        while True:
            while len(running) < jobs and (chain := next_chain(waiting)):
                running[asyncio.create_task(run(chain))] = chain
                for name in chain:
                    del waiting[name]
            if not running:
                skipped.update(waiting)
                return Outcome([name for name in order if name in failed], [name for name in order if name in skipped])
            tasks, _ = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
            ended()
            for task in tasks:
                chain, failure = running.pop(task), task.result()
                done = chain[: chain.index(failure)] if failure else chain
                failed.update(chain[len(done) : len(done) + 1])
                skipped.update(chain[len(done) + 1 :])
                for needs in waiting.values():
                    needs.difference_update(done)
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


def next_chain(waiting: Waiting) -> list[str]:
    """Return the first stage that waits for nothing, and those that it alone unlocks one after the other.

    A chain ends where two or more stages are unlocked at once, for they can run side by side.
    """
    chain = [name for name, needs in waiting.items() if not needs][:1]
    unlocked = chain
    while len(unlocked) == 1:
        unlocked = [name for name, needs in waiting.items() if name not in chain and needs and needs <= {*chain}]
        chain = chain + unlocked if len(unlocked) == 1 else chain
    return chain


async def _reproduce(chain: list[str], log: Log, command: tuple[str, ...]) -> str | None:
    """Run one chain and return the stage that failed; where another process holds a file of it, wait."""
    for _ in range(_BUSY_ATTEMPTS):
        failure, busy = await _attempt(chain, log, command)
        if not (failure and busy):
            break
        await asyncio.sleep(1)
    return failure


async def _attempt(chain: list[str], log: Log, command: tuple[str, ...]) -> tuple[str | None, bool]:
    """Run one chain once; return the stage that failed, and whether DVC said that it was busy."""
    async with started(*command, *chain) as process:
        last, busy = await _relay(process, chain, log)
        return (last if await process.wait() else None), busy


async def _relay(process: asyncio.subprocess.Process, chain: list[str], log: Log) -> tuple[str, bool]:
    """Pass on what a DVC process prints, each line led by its stage; return the last stage, and if DVC was busy."""
    name, busy = chain[0], False
    async for line in lines(process):
        if (begun := _BEGUN.match(line)) and begun[1] in chain:
            name = begun[1]
        busy = busy or bool(_BUSY.search(line))
        if not _NOISE.match(line):
            log(f"[{name}] {line}")
    return name, busy
