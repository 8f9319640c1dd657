"""Whole processes, measured."""

import os
import statistics
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gradus.errors import RunError

INTERVAL = 0.02
"""Seconds between two looks at the memory of a process."""


@dataclass(frozen=True)
class Run:
    """One run of a program.

    Attributes:
        seconds: wall time from start to end, start-up included.
        peak_mib: largest resident memory, MiB; 0 where the system does not tell, as outside Linux.
        own_mib: largest part of it that no file stands behind, MiB.
        output: what it wrote to stdout and stderr.
    """

    seconds: float
    peak_mib: float
    own_mib: float
    output: str


def measure(command: Sequence[str | Path], stdin: Path | None = None, stdout: Path | None = None) -> Run:
    """Run a program to its end.

    Raises:
        RunError: if it fails.
    """
    with (
        Path(stdin or os.devnull).open("rb") as source,
        Path(stdout or os.devnull).open("wb") as sink,
    ):
        start = time.perf_counter()
        process = subprocess.Popen(
            [str(part) for part in command],
            stdin=source,
            stdout=sink if stdout else subprocess.PIPE,
            stderr=subprocess.STDOUT if not stdout else subprocess.PIPE,
        )
        memory = _Memory(process.pid)
        pipe = process.stderr if stdout else process.stdout
        output = pipe.read().decode(errors="replace") if pipe else ""
        if pipe:
            pipe.close()
        failed = process.wait()
        seconds = time.perf_counter() - start
        peaks = memory.stop()
    if failed:
        raise RunError(f"{Path(str(command[0])).name} failed: {output.strip()[-500:]}")
    return Run(seconds, *peaks, output)


class _Memory:
    """The memory of a process, looked at from time to time: its peak, and the peak of what no file stands behind.

    What the system tells of a process that has ended would count the pages that it had before it became that program.
    """

    def __init__(self, pid: int) -> None:
        self.status, self.ended = Path(f"/proc/{pid}/status"), threading.Event()
        self.peaks = {"VmHWM": 0.0, "RssAnon": 0.0}  # MiB
        self.thread = threading.Thread(target=self._watch)
        self.thread.start()

    def _watch(self) -> None:
        while not self.ended.wait(INTERVAL):
            try:
                lines = self.status.read_text().splitlines()
            except OSError:
                return
            for name, _, value in (line.partition(":") for line in lines):
                if name in self.peaks:
                    self.peaks[name] = max(self.peaks[name], float(value.split()[0]) / 1024)

    def stop(self) -> tuple[float, float]:
        self.ended.set()
        self.thread.join()
        return self.peaks["VmHWM"], self.peaks["RssAnon"]


def in_turn(programs: dict[str, Callable[[], Run]], runs: int) -> dict[str, dict[str, Any]]:
    """Run programs one after the other, several times round; return seconds and memory of each."""
    found: dict[str, list[Run]] = {name: [] for name in programs}
    for _ in range(runs):
        for name, program in programs.items():
            found[name].append(program())
    return {name: summary(made) for name, made in found.items()}


def summary(runs: Sequence[Run]) -> dict[str, Any]:
    """Return the median of the seconds, all of them, and the largest memory."""
    seconds = [run.seconds for run in runs]
    return {
        "median_seconds": round(statistics.median(seconds), 3),
        "seconds": [round(value, 3) for value in seconds],
        "peak_mib": round(max(run.peak_mib for run in runs)),
    }


def rate(work: Callable[[], object], amount: int, runs: int) -> dict[str, Any]:
    """Return how much of something is done in a second by this process: the median of some runs after a first one."""
    work()
    seconds = []
    for _ in range(runs):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    return {"per_second": round(amount / statistics.median(seconds)), "seconds": [round(value, 4) for value in seconds]}
