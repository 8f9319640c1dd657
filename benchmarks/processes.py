"""Measure the time and memory of processes, and the speed of functions."""

import os
import statistics
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gradus.errors import RunError

INTERVAL = 0.02
"""Seconds between two measurements of a process's memory."""


@dataclass(frozen=True)
class Run:
    """Measured values and output of one run of a program."""

    seconds: float
    """Wall-clock time of the process. It includes the start of the program."""
    peak_mib: float
    """Peak resident memory in MiB. It is 0 if the system is not Linux, or if the run was shorter than `INTERVAL`."""
    own_mib: float
    """Peak resident memory in MiB, without mapped files. It is 0 if `peak_mib` is 0."""
    output: str
    """Text that the program wrote to stderr. It includes stdout, unless stdout was redirected to a file."""


def measure(command: Sequence[str | Path], stdin: Path | None = None, stdout: Path | None = None) -> Run:
    """Run a program until it ends; measure its time and memory.

    Raises:
        RunError: if the exit code of the program is not 0.
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
        memory = MemoryWatcher(process.pid)
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


def flags(options: Mapping[str, object]) -> list[str]:
    """Return the arguments of a command line, `--NAME VALUE` for each option."""
    return [part for name, value in options.items() for part in (f"--{name}", str(value))]


class MemoryWatcher:
    """Thread that measures the memory of a process repeatedly.

    The peak that the kernel reports at the end of a process (`ru_maxrss`) is too large. A new process is first a copy
    of the Python process that starts it, and the reported peak includes this copy.
    """

    def __init__(self, pid: int) -> None:
        self.status, self.ended = Path(f"/proc/{pid}/status"), threading.Event()
        self.peaks = {"VmHWM": 0.0, "RssAnon": 0.0}  # MiB; resident memory, and its part without mapped files
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
        """Stop watching; return the peaks in MiB, with and without mapped files."""
        self.ended.set()
        self.thread.join()
        return self.peaks["VmHWM"], self.peaks["RssAnon"]


def in_turn(programs: dict[str, Callable[[], Run]], runs: int) -> dict[str, dict[str, Any]]:
    """Run all programs one after the other, `runs` times; return a dict from program name to a summary of the runs."""
    found: dict[str, list[Run]] = {name: [] for name in programs}
    # alternately, so that a slow phase of the machine affects all programs
    for _ in range(runs):
        for name, program in programs.items():
            found[name].append(program())
    return {name: summary(made) for name, made in found.items()}


def summary(runs: Sequence[Run]) -> dict[str, Any]:
    """Return the median time, all times, and the peak memory of the runs of one program."""
    seconds = [run.seconds for run in runs]
    return {
        "median_seconds": round(statistics.median(seconds), 3),
        "seconds": [round(value, 3) for value in seconds],
        "peak_mib": round(max(run.peak_mib for run in runs)),
    }


def rate(work: Callable[[], object], amount: int, runs: int) -> dict[str, Any]:
    """Call a function `runs` times; return its speed in items per second and the time of every call.

    Args:
        work: the function.
        amount: number of items that one call processes.
        runs: number of timed calls.
    """
    work()  # the first call is not timed, because it compiles kernels and fills caches
    seconds = []
    for _ in range(runs):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    return {"per_second": round(amount / statistics.median(seconds)), "seconds": [round(value, 4) for value in seconds]}
