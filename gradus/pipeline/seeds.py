"""Run an experiment with several seeds, each seed in its own clone of the repository."""

import asyncio
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, TypeVar

from gradus.errors import RunError
from gradus.pipeline.copies import Snapshot, working_copy
from gradus.pipeline.dvc import DVC, git
from gradus.pipeline.overlay import overrides
from gradus.pipeline.relay import dvc_process, output_lines

Result = TypeVar("Result")
"""What is kept of a run."""

# Lines of DVC that say nothing about the run.
_NOISE = re.compile(
    r"\s*$|> |Updating lock file|Generating lock file|WARNING: No file hash info found|Ran experiment"
    r"|Experiment results have been applied|To promote|\tdvc exp branch"
)


@dataclass(frozen=True)
class Experiment(Generic[Result]):
    """Experiment that runs once per seed."""

    name: str
    """Name of the experiment; its runs in DVC are named NAME-seed1 and so on."""
    state: Snapshot
    """Commit and uncommitted changes of the repository."""
    base: Mapping[str, Any]
    """Parameters in the params.yaml of `state`."""
    params: Mapping[str, Any]
    """Parameters of the experiment. Each run replaces the key `seed`."""
    targets: list[str]
    """Entries of dvc.yaml to run. DVC also runs all entries upstream of these entries."""
    collect: Callable[[Path, int], Result]
    """Function that reads the results of a run from the clone in which it ran, given the seed."""


@dataclass
class Seeds(Generic[Result]):
    """Runs of an experiment: the seeds that wait, functions to call, and errors of failed runs."""

    experiment: Experiment[Result]
    waiting: list[int]
    """Seeds whose run has not started."""
    finished: Callable[[int, Result], None]
    """Function that is called after each successful run, with the seed and the results of the run."""
    log: Callable[[str], None]
    """Function that is called with each line of output. The line starts with the seed of the run."""
    failures: list[str] = field(default_factory=list)
    """One error message per failed seed."""

    def run(self, jobs: int) -> None:
        """Run all seeds, `jobs` at a time.

        After a failure, no new seed starts, but the seeds that are already running continue to their end.

        Raises:
            RunError: if a run fails.
            KeyboardInterrupt: after Ctrl-C, once all running experiments have ended.
        """
        asyncio.run(self._run(jobs))
        if self.failures:
            raise RunError("; ".join(self.failures))

    async def _run(self, jobs: int) -> None:
        await asyncio.gather(*(self._work() for _ in range(jobs)))

    async def _work(self) -> None:
        """Run seeds one after the other until the queue is empty or a run has failed."""
        while self.waiting and not self.failures:
            seed = self.waiting.pop(0)
            try:
                self.finished(seed, await self._measure(seed))
            except RunError as error:
                self.failures.append(f"seed {seed}: {error}")

    async def _measure(self, seed: int) -> Result:
        """Run the experiment with one seed in a clone; fetch the DVC experiment from the clone; return its results."""
        about, name = self.experiment, f"{self.experiment.name}-seed{seed}"
        baseline = about.state.commit
        reference = f"refs/exps/{baseline[:2]}/{baseline[2:]}/{name}"
        changes = [f"--set-param={change}" for change in overrides(about.base, {**about.params, "seed": seed})]
        with working_copy(name, about.state) as copy:
            command = (*DVC, "exp", "run", f"--name={name}", *changes, *about.targets)
            async with dvc_process(*command, folder=copy) as process:
                async for line in output_lines(process):
                    if not _NOISE.match(line):
                        self.log(f"[seed {seed}] {line}")
                if code := await process.wait():
                    raise RunError(f"dvc exp run failed with exit code {code}; the lines above give the reason")
            # Fetches of parallel seeds would overwrite each other's FETCH_HEAD.
            git("fetch", "--quiet", "--no-write-fetch-head", str(copy), f"+{reference}:{reference}")
            return about.collect(copy, seed)
