"""Run one experiment for several seeds, each in its own copy of the repository, some of them side by side."""

import asyncio
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from gradus.errors import RunError
from gradus.pipeline.copies import Snapshot, copied
from gradus.pipeline.dvc import DVC, git
from gradus.pipeline.overlay import overrides
from gradus.pipeline.relay import lines, started

Metrics = dict[str, dict[str, dict[str, Any]]]
"""Track -> model -> the content of its metrics file."""

_NOISE = re.compile(
    r"\s*$|> |Updating lock file|Generating lock file|WARNING: No file hash info found|Ran experiment"
    r"|Experiment results have been applied|To promote|\tdvc exp branch"
)


@dataclass(frozen=True)
class Experiment:
    """The experiment that runs for every seed."""

    name: str
    """Its experiments are called NAME-seed1 and so on."""
    state: Snapshot
    base: Mapping[str, Any]
    """The parameters of the snapshot."""
    params: Mapping[str, Any]
    targets: list[str]
    """Entries of dvc.yaml."""
    models: Mapping[str, list[str]]
    """The models of each track."""


@dataclass
class Seeds:
    """Seeds that wait for their run, and what is done with a finished one."""

    experiment: Experiment
    waiting: list[int]
    finished: Callable[[int, Metrics], None]
    """Called as soon as a seed's run has ended well."""
    log: Callable[[str], None]
    """Takes one line at a time, led by the seed that printed it."""
    failures: list[str] = field(default_factory=list)

    def run(self, jobs: int) -> None:
        """Run them all, `jobs` at a time.

        Raises:
            RunError: if one fails; those that run beside it are finished, no others are begun.
            KeyboardInterrupt: on Ctrl-C, once what runs has been interrupted too and has ended.
        """
        asyncio.run(self._run(jobs))
        if self.failures:
            raise RunError("; ".join(self.failures))

    async def _run(self, jobs: int) -> None:
        await asyncio.gather(*(self._work() for _ in range(jobs)))

    async def _work(self) -> None:
        while self.waiting and not self.failures:
            seed = self.waiting.pop(0)
            try:
                self.finished(seed, await self._measure(seed))
            except RunError as error:
                self.failures.append(f"seed {seed}: {error}")

    async def _measure(self, seed: int) -> Metrics:
        """Run one seed's experiment in a copy, keep it as an experiment of this repository, and read its metrics."""
        about, name = self.experiment, f"{self.experiment.name}-seed{seed}"
        baseline = about.state.commit
        reference = f"refs/exps/{baseline[:2]}/{baseline[2:]}/{name}"
        changes = [f"--set-param={one}" for one in overrides(about.base, {**about.params, "seed": seed})]
        with copied(name, about.state) as copy:
            command = (*DVC, "exp", "run", f"--name={name}", *changes, *about.targets)
            async with started(*command, folder=copy) as process:
                async for line in lines(process):
                    if not _NOISE.match(line):
                        self.log(f"[seed {seed}] {line}")
                if code := await process.wait():
                    raise RunError(f"dvc exp run failed with exit code {code}; the lines above say why")
            git("fetch", "--quiet", "--no-write-fetch-head", str(copy), f"+{reference}:{reference}")
        return {
            track: {name: json.loads(git("show", f"{reference}:metrics/{track}/{name}.json")) for name in names}
            for track, names in about.models.items()
        }
