"""Read mutated files in worker processes, each case under a time and a memory bound, and say what came of it.

A worker notes every case on disk before it reads it; where the worker dies, the parent knows of which case, and
goes on behind it with another worker.
"""

import faulthandler
import gc
import importlib
import json
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from gradus.artifacts.seals import SEAL
from gradus.errors import InputError, RunError
from gradus.faults import LONGEST
from gradus.process import die_with_parent
from tests.fuzz.drawing import draw
from tests.fuzz.mutations import Mutation, apply

SECONDS = 20
"""Of one case at most; the machine may be busy."""
MEMORY = 2 << 30
"""Bytes of address space that a case may take beyond what the worker had."""
_RAM = "/dev/shm"  # files come and go some ten times faster there than on a disk


class WrongError(AssertionError):
    """An answer that no file can justify."""


@dataclass(frozen=True)
class Target:
    """A reader under test."""

    make: Callable[[Path], None]
    """Writes the files, as they should be, into an empty folder."""
    read: Callable[[Path], object]
    """Reads them; raises `WrongError` for an answer that is not well-formed."""
    reseal: Callable[[Path], None] | None = None
    """Makes the sums those of the files, as a stranger could; None for files without sums."""
    guarded: bool = True
    """Whether the sums tell every change, so that only the answer of the files as they should be is right."""
    cases: int = 150
    """Fresh cases in `make test`."""


@dataclass(frozen=True)
class Case:
    """What is done to the files of a target."""

    mutations: list[Mutation] = field(default_factory=list)
    resealed: bool = False

    @property
    def trusted(self) -> bool:
        """Whether the sums are those of the files as they should be."""
        return not self.resealed and not any(str(name).endswith(SEAL) for edit in self.mutations for name in edit)


@dataclass(frozen=True)
class Job:
    """Cases to run: recorded ones, or those that a seed draws, until their number or the time is up."""

    target: str
    recorded: list[dict[str, Any]] = field(default_factory=list)
    seed: int = 0
    cases: int = 0
    seconds: float = 0.0
    first: int = 0


@dataclass
class Outcome:
    """What came of the cases of a target."""

    counts: Counter[str] = field(default_factory=Counter)
    failures: list[dict[str, Any]] = field(default_factory=list)


def run(jobs: Sequence[Job], table: str = "tests.fuzz.targets:TARGETS", *, limit: int = SECONDS) -> dict[str, Outcome]:
    """Run jobs, one worker at a time; return the outcome of every target.

    Args:
        jobs: at most one for a target.
        table: where the targets are, as MODULE:NAME.
        limit: seconds of a case.
    """
    outcomes = {job.target: Outcome() for job in jobs}
    left = list(jobs)
    with tempfile.TemporaryDirectory(prefix="fuzz.", dir=_RAM if os.path.isdir(_RAM) else None) as folder:
        while left:
            code = _work(Path(folder), left, table, limit)
            for line in (Path(folder) / "failures").read_text().splitlines():
                failure = json.loads(line)
                outcomes[failure["target"]].failures.append(failure)
            now = json.loads((Path(folder) / "now").read_text())
            for target, counts in now["counts"].items():
                outcomes[target].counts += Counter(counts)
            left = left[now["job"] :]
            if code:
                outcomes[left[0].target].failures.append(_death(Path(folder), code, left[0].target, now))
                outcomes[left[0].target].counts += Counter(cases=1, failures=1)
                spent = now["seconds"] if left[0].seconds else 0.0
                left[0] = Job(**{**asdict(left[0]), "first": now["number"] + 1, "seconds": left[0].seconds - spent})
                left = left if now["number"] >= 0 else left[1:]  # it died while it made the files
    return outcomes


def _work(folder: Path, jobs: Sequence[Job], table: str, limit: int) -> int:
    plan = {"folder": str(folder), "jobs": [asdict(job) for job in jobs], "table": table, "limit": limit}
    (folder / "failures").write_text("")
    (folder / "now").write_text(json.dumps({"job": 0, "number": -1, "counts": {}, "case": {}, "seconds": 0.0}))
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "OMP_WAIT_POLICY": "PASSIVE", "MALLOC_ARENA_MAX": "2"}
    with (folder / "output").open("wb") as output:
        return subprocess.run(
            [sys.executable, "-m", "tests.fuzz", "--worker"],
            env=environment,
            input=json.dumps(plan).encode(),
            cwd=Path(__file__).parents[2],
            stdout=output,
            stderr=output,
        ).returncode


def _death(folder: Path, code: int, target: str, now: dict[str, Any]) -> dict[str, Any]:
    trace = (folder / "trace").read_text() if (folder / "trace").exists() else ""
    kind = "hang" if "Timeout (" in trace else "stopped" if code == -signal.SIGTERM else "crash"
    text = f"exit code {code}\n{trace}\n{(folder / 'output').read_text(errors='replace')[-2000:]}"
    return {"target": target, "kind": kind, "what": text, **now["case"]}


def draw_case(target: Target, name: str, seed: int, number: int, files: dict[str, bytes]) -> Case:
    """Draw one of the cases of a target: the same for the same seed and number."""
    chance = random.Random(f"{name} {seed} {number}")
    resealed = target.reseal is not None and chance.random() < 0.6
    return Case(draw(chance, files), resealed)


def work(plan: dict[str, Any]) -> None:
    """Run the jobs of a plan: the worker's side."""
    die_with_parent()
    folder = Path(plan["folder"])
    warnings.simplefilter("error")
    trace = (folder / "trace").open("w")
    faulthandler.enable(trace)
    module, _, name = plan["table"].partition(":")
    targets = getattr(importlib.import_module(module), name)
    worker = _Worker(folder, trace, plan["limit"])
    for number, values in enumerate(plan["jobs"]):
        worker.job = number
        worker.start(targets[values["target"]], Job(**values))
    worker.job += 1
    worker.note(-1, Case())
    faulthandler.cancel_dump_traceback_later()


class _Worker:
    """Runs one case after the other in a folder of its own."""

    def __init__(self, folder: Path, trace: Any, limit: int) -> None:
        self.folder, self.trace, self.limit = folder, trace, limit
        self.counts: dict[str, Counter[str]] = {}
        self.job, self.begun = 0, time.monotonic()

    def start(self, target: Target, job: Job) -> None:
        """Make the files of a job, and run its cases."""
        faulthandler.dump_traceback_later(120, exit=True, file=self.trace)
        self.begun = time.monotonic()
        counts = self.counts[job.target] = Counter()
        self.note(-1, Case())
        pristine = self.folder / "pristine"
        shutil.rmtree(pristine, ignore_errors=True)
        pristine.mkdir()
        target.make(pristine)
        files = {str(path.relative_to(pristine)): path.read_bytes() for path in pristine.rglob("*") if path.is_file()}
        answer = target.read(pristine)
        with open("/proc/self/statm") as sizes:
            bound = int(sizes.read().split()[0]) * resource.getpagesize() + MEMORY
        resource.setrlimit(resource.RLIMIT_AS, (bound, resource.getrlimit(resource.RLIMIT_AS)[1]))
        for number, case in self._cases(target, job, files):
            self.note(number, case)
            faulthandler.dump_traceback_later(self.limit, exit=True, file=self.trace)
            changed = self._place(target, case, files)
            kind, what = self._judged(target, case, answer)
            if number < len(job.recorded) and not changed:
                kind, what = "idle", "what is recorded changes no file any more: record it anew"
            counts["cases"] += 1
            counts[kind if kind in ("refused", "answered") else "failures"] += 1
            if kind not in ("refused", "answered"):
                with (self.folder / "failures").open("a") as failures:
                    failure = {"target": job.target, "kind": kind, "what": what, **asdict(case)}
                    failures.write(json.dumps(failure) + "\n")

    def _cases(self, target: Target, job: Job, files: dict[str, bytes]) -> Iterator[tuple[int, Case]]:
        for number, values in enumerate(job.recorded):
            if number >= job.first:
                yield number, Case(**values)
        number, kept = max(job.first, len(job.recorded)), len(job.recorded)
        while number - kept < job.cases or time.monotonic() - self.begun < job.seconds:
            yield number, draw_case(target, job.target, job.seed, number - kept, files)
            number += 1

    def note(self, number: int, case: Case) -> None:
        """Write down what comes next."""
        now = {
            "job": self.job,
            "number": number,
            "counts": self.counts,
            "case": asdict(case),
            "seconds": time.monotonic() - self.begun,
        }
        (self.folder / "now").write_text(json.dumps(now))

    def _place(self, target: Target, case: Case, files: dict[str, bytes]) -> bool:
        """Write the files of a case; say whether they are other ones than they should be."""
        place = self.folder / "case"
        shutil.rmtree(place, ignore_errors=True)
        for name, content in files.items():
            (place / name).parent.mkdir(parents=True, exist_ok=True)
            (place / name).write_bytes(content)
        for mutation in case.mutations:
            apply(place, mutation)
        if case.resealed and target.reseal:
            target.reseal(place)
        found = {str(path.relative_to(place)): path for path in place.rglob("*") if not path.is_dir()}
        return set(found) != set(files) or any(
            not path.is_file() or path.is_symlink() or path.read_bytes() != files[name] for name, path in found.items()
        )

    def _judged(self, target: Target, case: Case, answer: object) -> tuple[str, str]:
        """Return what a case comes to: refused or answered, or how it failed."""
        place = self.folder / "case"
        before = os.fstat(2).st_size
        kind, what = _verdict(target, place, answer if target.guarded and case.trusted else None)
        gc.collect(0)
        if os.fstat(2).st_size > before and kind in ("refused", "answered"):
            return "output", (self.folder / "output").read_bytes()[before:].decode(errors="replace")[:2000]
        return kind, what


def _verdict(target: Target, place: Path, right: object) -> tuple[str, str]:
    try:
        found = target.read(place)
    except (InputError, RunError) as error:
        text = str(error)
        return ("refused", "") if len(text) <= LONGEST else ("long", text[:500])
    except WrongError as error:
        return "wrong", str(error)
    except MemoryError as error:
        return "memory", _traced(error)
    except BaseException as error:
        memory = isinstance(error, RuntimeError) and "can't allocate" in str(error)
        return "memory" if memory else "exception", _traced(error)
    if right is not None and found != right:
        return "wrong", "another answer than that of the files as they should be"
    return "answered", ""


def _traced(error: BaseException) -> str:
    import traceback

    lines = traceback.format_exception(error)
    return f"{type(error).__name__}: {str(error)[:300]}\n{''.join(lines)[-1500:]}"
