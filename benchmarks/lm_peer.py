"""Run `word_language_model`, PyTorch's example of a language model, and read the times that it prints."""

import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.processes import MemoryWatcher, flags
from gradus.errors import InputError, RunError
from gradus.numerics import PORTABLE, VARIABLE

INTERVAL = 50
"""Number of batches between two lines of the example's output."""
OURS = {*PORTABLE, VARIABLE, "OMP_WAIT_POLICY", "GOMP_SPINCOUNT", "CUBLAS_WORKSPACE_CONFIG"}
"""Environment variables that the import of gradus sets, or reads."""
_BATCHES = re.compile(r"epoch +\d+ \| +(\d+)/.*ms/batch +([\d.]+)")
_EPOCH = re.compile(r"end of epoch +(\d+) \| time: +([\d.]+)s.*valid ppl +([\d.]+)")


@dataclass(frozen=True)
class Shape:
    """Sizes of the LSTM that both programs train, with tied weights."""

    hidden: int
    """Width of the embedding and of both layers."""
    batch: int = 20
    """Number of lanes."""
    chunk: int = 35
    """Number of tokens per lane in a step."""


@dataclass(frozen=True)
class Example:
    """The example and its data."""

    folder: Path
    """Folder with main.py."""
    text: Path
    """Folder with train.txt, valid.txt and test.txt."""
    threads: int
    """Number of threads."""

    def require(self) -> None:
        """Refuse a folder that is not the example.

        Raises:
            InputError: if one of its files is missing.
        """
        for name in ("main.py", "model.py", "data.py"):
            if not (self.folder / name).is_file():
                remedy = "name the folder word_language_model of a copy of the repository pytorch/examples"
                raise InputError(self.folder, expected=f"{name} of PyTorch's example", found="none", remedy=remedy)

    def steps(self, shape: Shape, count: int) -> dict[str, Any]:
        """Time `count` steps after a warm-up of `INTERVAL` steps; return `seconds` and `peak_mib`."""
        intervals: list[float] = []
        with self._running(shape, epochs=1) as (lines, memory):
            for line in lines:
                if found := _BATCHES.search(line):
                    intervals.append(float(found[2]))
                if len(intervals) > count // INTERVAL:
                    break
            peak = memory.peaks["VmHWM"]
        if len(intervals) <= count // INTERVAL:
            raise RunError("the example ended before the timed steps")
        return {"seconds": sum(intervals[1:]) * INTERVAL / 1000, "peak_mib": peak}

    def epoch(self, shape: Shape) -> dict[str, Any]:
        """Time the first epoch and its validation; return `seconds`, `valid_perplexity` and `peak_mib`."""
        with self._running(shape, epochs=1) as (lines, memory):
            for line in lines:
                if found := _EPOCH.search(line):
                    values = {"seconds": float(found[2]), "valid_perplexity": float(found[3])}
                    return {**values, "peak_mib": memory.peaks["VmHWM"]}
        raise RunError("the example ended before its first epoch")

    def curve(self, shape: Shape, seconds: float) -> list[tuple[float, float]]:
        """Train until the first epoch after `seconds`; return times from the start of the process, and perplexities."""
        points: list[tuple[float, float]] = []
        start = time.perf_counter()
        with self._running(shape, epochs=1000) as (lines, _):
            for line in lines:
                if found := _EPOCH.search(line):
                    points.append((round(time.perf_counter() - start, 1), float(found[3])))
                    if points[-1][0] > seconds:
                        break
        return points

    @contextmanager
    def _running(self, shape: Shape, *, epochs: int) -> Iterator[tuple[Iterator[str], MemoryWatcher]]:
        """Start the example, and yield its output line by line. It is stopped at the end of the `with` block."""
        with tempfile.TemporaryDirectory() as folder:
            sizes = {"emsize": shape.hidden, "nhid": shape.hidden, "batch_size": shape.batch, "bptt": shape.chunk}
            options = {**sizes, "epochs": epochs, "log-interval": INTERVAL, "data": self.text.resolve()}
            command = [sys.executable, "-u", "main.py", "--tied", "--save", f"{folder}/model.pt", *flags(options)]
            environment = {**_user_environment(), "OMP_NUM_THREADS": str(self.threads)}
            with subprocess.Popen(
                command, cwd=self.folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
            ) as process:
                memory = MemoryWatcher(process.pid)
                try:
                    yield iter(process.stdout or ()), memory
                finally:
                    process.kill()
                    memory.stop()


def _user_environment() -> dict[str, str]:
    """Return the environment variables without those of gradus, which would slow down the example."""
    return {name: value for name, value in os.environ.items() if name not in OURS}
