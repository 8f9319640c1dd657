"""Run experiments, several at a time, each in its own clone of the repository."""

import asyncio
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gradus.errors import InputError, RunError
from gradus.pipeline.copies import Snapshot, working_copy
from gradus.pipeline.dvc import DVC, git
from gradus.pipeline.overlay import overrides
from gradus.pipeline.relay import dvc_process, output_lines

# Lines of DVC that say nothing about the run.
_NOISE = re.compile(
    r"\s*$|> |Updating lock file|Generating lock file|WARNING: No file hash info found|Ran experiment"
    r"|Experiment results have been applied|To promote|\tdvc exp branch"
)


@dataclass(frozen=True)
class Experiment:
    """One run of the pipeline with changed parameters."""

    name: str
    """Name of the DVC experiment."""
    label: str
    """Beginning of every line of output, such as `seed 1`."""
    state: Snapshot
    """Commit and uncommitted changes of the repository."""
    base: Mapping[str, Any]
    """Parameters in the params.yaml of `state`."""
    params: Mapping[str, Any]
    """Parameters of the experiment."""
    targets: list[str]
    """Entries of dvc.yaml to run. DVC also runs all entries upstream of these entries."""
    keep: Callable[[Path, float], None]
    """Function that reads the results from the clone after a successful run and keeps them. Its second argument is the
    number of minutes that the run took."""


@dataclass
class Queue:
    """Experiments that wait, and the errors of those that failed."""

    waiting: list[Experiment]
    """Experiments that have not started."""
    log: Callable[[str], None]
    """Function that is called with each line of output."""
    failures: list[str] = field(default_factory=list)
    """One error message per failed experiment."""

    def run(self, jobs: int) -> None:
        """Run all experiments, `jobs` at a time.

        After a failure, no new experiment starts, but those that are already running continue to their end.

        Raises:
            RunError: if an experiment fails.
            KeyboardInterrupt: after Ctrl-C, once all running experiments have ended.
        """
        asyncio.run(self._run(jobs))
        if self.failures:
            raise RunError("; ".join(self.failures))

    async def _run(self, jobs: int) -> None:
        await asyncio.gather(*(self._work() for _ in range(jobs)))

    async def _work(self) -> None:
        """Run one experiment after the other until none is left or one has failed."""
        while self.waiting and not self.failures:
            experiment = self.waiting.pop(0)
            try:
                await self._experiment(experiment)
            except (RunError, InputError) as error:  # InputError if `keep` refuses the results
                self.failures.append(f"{experiment.label}: {error}")

    async def _experiment(self, about: Experiment) -> None:
        """Run an experiment in a clone; fetch the DVC experiment from the clone; keep the results."""
        baseline, started = about.state.commit, time.monotonic()
        reference = f"refs/exps/{baseline[:2]}/{baseline[2:]}/{about.name}"
        changes = [f"--set-param={change}" for change in overrides(about.base, about.params)]
        with working_copy(about.name, about.state) as copy:
            command = (*DVC, "exp", "run", f"--name={about.name}", *changes, *about.targets)
            async with dvc_process(*command, folder=copy) as process:
                async for line in output_lines(process):
                    if not _NOISE.match(line):
                        self.log(f"[{about.label}] {line}")
                if code := await process.wait():
                    raise RunError(f"dvc exp run failed with exit code {code}; the lines above give the reason")
            # Parallel fetches would overwrite each other's FETCH_HEAD.
            git("fetch", "--quiet", "--no-write-fetch-head", str(copy), f"+{reference}:{reference}")
            about.keep(copy, (time.monotonic() - started) / 60)
