"""Measure time and memory of whole processes."""

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
"""Seconds between two readings of the memory of a process."""


@dataclass(frozen=True)
class Run:
    """One run of a program."""

    seconds: float
    """Wall time from start to end, start-up included."""
    peak_mib: float
    """Largest resident memory, MiB; 0 if the system does not report it, as outside Linux."""
    own_mib: float
    """Largest anonymous part of it, which is not backed by a file, MiB."""
    output: str
    """Text written to stdout and stderr; stdout is missing if it went to a file."""


def measure(command: Sequence[str | Path], stdin: Path | None = None, stdout: Path | None = None) -> Run:
    """Run a program to its end, and measure it.

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
    """The peak memory of a running process, and the peak of its anonymous part, read every `INTERVAL`.

    The totals that the system reports after the end of a process (rusage) would include the memory of this process,
    of which it is a copy until it starts the program.
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
    """Run all programs in turn, several times; return seconds and memory of each.

    In turn, so that a change of the load on the machine affects all of them.
    """
    results: dict[str, list[Run]] = {name: [] for name in programs}
    for _ in range(runs):
        for name, program in programs.items():
            results[name].append(program())
    return {name: summary(made) for name, made in results.items()}


def summary(runs: Sequence[Run]) -> dict[str, Any]:
    """Return the median time, all times, and the largest memory."""
    seconds = [run.seconds for run in runs]
    return {
        "median_seconds": round(statistics.median(seconds), 3),
        "seconds": [round(value, 3) for value in seconds],
        "peak_mib": round(max(run.peak_mib for run in runs)),
    }


def rate(work: Callable[[], object], amount: int, runs: int) -> dict[str, Any]:
    """Return the amount of work that this process does per second, by the median of some runs.

    A first run is not counted: it compiles kernels and fills caches.
    """
    work()
    seconds = []
    for _ in range(runs):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    return {"per_second": round(amount / statistics.median(seconds)), "seconds": [round(value, 4) for value in seconds]}
