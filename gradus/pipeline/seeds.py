"""Runs of an experiment with several seeds, each in its own clone of the repository."""

import asyncio
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from gradus.errors import RunError
from gradus.pipeline.copies import Snapshot, working_copy
from gradus.pipeline.dvc import GUARDED_DVC, git
from gradus.pipeline.overlay import overrides
from gradus.pipeline.relay import dvc_process, output_lines

Metrics = dict[str, dict[str, dict[str, Any]]]
"""Track -> model -> content of its metrics file."""

_NOISE = re.compile(
    r"\s*$|> |Updating lock file|Generating lock file|WARNING: No file hash info found|Ran experiment"
    r"|Experiment results have been applied|To promote|\tdvc exp branch"
)


@dataclass(frozen=True)
class Experiment:
    """Experiment that runs once per seed."""

    name: str
    """Name of the recipe; the DVC experiments are named NAME-seed1 and so on."""
    state: Snapshot
    """Files of the repository."""
    base: Mapping[str, Any]
    """Parameters of the snapshot."""
    params: Mapping[str, Any]
    """Parameters of the experiment, apart from the seed."""
    targets: list[str]
    """Entries of dvc.yaml to run, with everything upstream of them."""
    models: Mapping[str, list[str]]
    """Track -> models whose metrics are read."""


@dataclass
class Seeds:
    """Queue of seeds to run."""

    experiment: Experiment
    waiting: list[int]
    """Seeds that have not started."""
    finished: Callable[[int, Metrics], None]
    """Called with the seed and its metrics after each successful run."""
    log: Callable[[str], None]
    """Called with each line of output, which starts with its seed."""
    failures: list[str] = field(default_factory=list)
    """One message per failed seed."""

    def run(self, jobs: int) -> None:
        """Run all seeds, `jobs` at a time.

        After a failure, the other running seeds continue to their end and no new seed starts.

        Raises:
            RunError: if a run failed.
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

    async def _measure(self, seed: int) -> Metrics:
        """Run the experiment with one seed in a clone; fetch the DVC experiment from the clone; return its metrics."""
        about, name = self.experiment, f"{self.experiment.name}-seed{seed}"
        baseline = about.state.commit
        reference = f"refs/exps/{baseline[:2]}/{baseline[2:]}/{name}"
        changes = [f"--set-param={change}" for change in overrides(about.base, {**about.params, "seed": seed})]
        with working_copy(name, about.state) as copy:
            command = (*GUARDED_DVC, "exp", "run", f"--name={name}", *changes, *about.targets)
            async with dvc_process(*command, folder=copy) as process:
                async for line in output_lines(process):
                    if not _NOISE.match(line):
                        self.log(f"[seed {seed}] {line}")
                if code := await process.wait():
                    raise RunError(f"dvc exp run failed with exit code {code}; the lines above give the reason")
            # Fetches of parallel seeds would overwrite each other's FETCH_HEAD.
            git("fetch", "--quiet", "--no-write-fetch-head", str(copy), f"+{reference}:{reference}")
        return {  # the clone is gone; the metrics are in the fetched commit
            track: {name: json.loads(git("show", f"{reference}:metrics/{track}/{name}.json")) for name in names}
            for track, names in about.models.items()
        }
