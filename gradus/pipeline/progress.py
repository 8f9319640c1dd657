"""Progress of a run: which stage of how many has started, how long each stage took, and how much time is left."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from gradus.pipeline.durations import Durations, keep_durations
from gradus.pipeline.schedule import Graph, Running, seconds_left

Log = Callable[[str], None]

_LATE = 0.1  # part of the time so far that a late stage is assumed to need in addition
_PACE_WEIGHT = 20.0  # seconds at the expected pace, so that the first short stages alone do not decide the pace


class _Ended(NamedTuple):
    """Duration of a stage that ran, and the estimate before it ran, both in seconds."""

    seconds: float
    expected: float


@dataclass
class _Chain:
    """A running chain of stages."""

    names: Sequence[str]
    since: float
    """Time at which the current stage started; for the first stage, the start of its DVC process."""
    current: int = -1
    """Index of the current stage in `names`; -1 until DVC names the first stage."""
    runs: bool = False
    """Whether the current stage runs: DVC neither skips it nor takes its result from the run cache."""

    @property
    def left(self) -> Sequence[str]:
        """The current stage and those after it; all stages until DVC names the first one."""
        return self.names[max(self.current, 0) :]


@dataclass
class Progress:
    """Progress of the stages of one run.

    `run_stages` reports events to this object. The object logs one line when a stage starts and one when it ends, and
    remembers the durations of the stages that ran.
    """

    waiting: Graph
    """The stages that have not started, with the unfinished stages that each of them needs; the caller updates it."""
    jobs: int
    """Maximum number of chains at the same time."""
    durations: Durations
    """Durations of earlier runs; those of this run are added."""
    log: Log
    """Called with each line."""
    show: Log = lambda line: None
    """Called with a line that replaces the line of the call before, for a live display."""
    clock: Callable[[], float] = time.monotonic
    """Returns the time in seconds."""
    _total: int = field(init=False)
    _started: int = field(init=False, default=0)
    _cached: int = field(init=False, default=0)
    _failed: int = field(init=False, default=0)
    _chains: list[_Chain] = field(init=False, default_factory=list)
    _ended: list[_Ended] = field(init=False, default_factory=list)
    _expected: dict[str, float] = field(init=False)
    _begun: float = field(init=False)

    def __post_init__(self) -> None:
        self._total, self._begun = len(self.waiting), self.clock()
        estimates = {name: self.durations.estimate(name) for name in self.waiting}
        self._expected = {name: seconds for name, seconds in estimates.items() if seconds is not None}

    def chain_started(self, names: Sequence[str]) -> None:
        """Record that a DVC process for a chain has started."""
        self._chains.append(_Chain(names, self.clock()))

    def stage_started(self, name: str, *, runs: bool) -> None:
        """Record that DVC has reached a stage, and so has finished the stage before it in the chain.

        Args:
            name: the stage.
            runs: whether DVC runs the stage, rather than skipping it or taking its result from the run cache.
        """
        chain = next(chain for chain in self._chains if name in chain.names)
        index = chain.names.index(name)
        if index <= chain.current:  # DVC names a failed stage again, and all stages again after a wait for a lock
            if index == chain.current and runs and not chain.runs:
                chain.since, chain.runs = self.clock(), True
            return
        self._stage_ended(chain)
        chain.current, chain.runs = index, runs
        self._started += 1
        self.log("; ".join([f"[{self._started} of {self._total}] {name}", *self._left()]))
        self.tick()

    def chain_ended(self, names: Sequence[str], failure: str | None) -> None:
        """Record that a chain has ended; `failure` is the stage that failed, or None."""
        chain = next(chain for chain in self._chains if chain.names == names)
        self._chains.remove(chain)
        self._stage_ended(chain, failed=failure is not None)
        keep_durations(self.durations.known)
        self.tick()

    def tick(self) -> None:
        """Show the current state; to be called about once per second."""
        named = [(chain.names[chain.current], self._elapsed(chain)) for chain in self._chains if chain.current >= 0]
        running = [", ".join(f"{name} ({seconds:.0f} s)" for name, seconds in named)] if named else []
        self.show("; ".join([f"stage {self._started} of {self._total}", *running, *self._left()]))

    def seconds_left(self) -> float | None:
        """Estimate the time until the run ends, in seconds; None if a stage has no estimate.

        The estimates of the stages are multiplied by the pace of this run. A stage that already takes longer than that
        is assumed to need a tenth of its time so far in addition.
        """
        names = [*self.waiting, *(name for chain in self._chains for name in chain.names)]
        estimate = self.durations.estimate  # only for new stages: it can change when a stage of the same entry ends
        estimates = {name: self._expected[name] if name in self._expected else estimate(name) for name in names}
        expected = {name: seconds for name, seconds in estimates.items() if seconds is not None}
        if len(expected) < len(estimates):
            return None
        pace = self._pace(expected)
        seconds = {name: pace * value for name, value in expected.items()}
        running = [self._running(chain, seconds) for chain in self._chains]
        return seconds_left(self.waiting, running, seconds.__getitem__, self.jobs)

    def summary(self, skipped: int) -> str:
        """Return a line about the whole run; `skipped` stages did not start because of a failure."""
        counts = {
            "ran": len(self._ended),
            "unchanged or from DVC's cache": self._cached,
            "failed": self._failed,
            "skipped": skipped,
        }
        listed = ", ".join(f"{count} {what}" for what, count in counts.items() if count)
        return f"{self._total} stages in {spoken(self.clock() - self._begun, about=False)}: {listed}"

    def _stage_ended(self, chain: _Chain, *, failed: bool = False) -> None:
        """Log the end of the current stage of a chain, if it has one; remember its duration if it ran."""
        if chain.current < 0:  # the start of DVC counts as a part of the first stage
            self._failed += failed
            return
        seconds, chain.since = self._elapsed(chain), self.clock()
        name = chain.names[chain.current]
        if failed:
            self._failed += 1
            self.log(f"[{name}] failed after {seconds:.1f} s")
        elif chain.runs:
            self.log(f"[{name}] took {seconds:.1f} s")
            self._ended.append(_Ended(seconds, self._expected.get(name, seconds)))
            self.durations.known[name] = seconds
        else:
            self._cached += 1

    def _pace(self, expected: dict[str, float]) -> float:
        """Return the duration of the stages of this run, divided by the estimates before the run.

        A stage that is still running counts if it has already run for longer than expected.
        """
        running = [_Ended(self._elapsed(chain), expected[chain.left[0]]) for chain in self._chains]
        pairs = self._ended + [pair for pair in running if pair.seconds > pair.expected]
        spent, planned = sum(pair.seconds for pair in pairs), sum(pair.expected for pair in pairs)
        return (spent + _PACE_WEIGHT) / (planned + _PACE_WEIGHT)

    def _running(self, chain: _Chain, seconds: dict[str, float]) -> Running:
        current, *rest = chain.left
        elapsed = self._elapsed(chain)
        left = seconds[current] - elapsed if elapsed <= seconds[current] else _LATE * elapsed
        return Running(tuple(chain.names), left + sum(seconds[name] for name in rest))

    def _elapsed(self, chain: _Chain) -> float:
        return self.clock() - chain.since

    def _left(self) -> list[str]:
        """Return the estimate in words, or [] if there is none."""
        left = self.seconds_left()
        return [] if left is None else [f"{spoken(left)} left"]


def spoken(seconds: float, *, about: bool = True) -> str:
    """Return a duration in words, such as `about 4 min`.

    Args:
        seconds: the duration.
        about: whether to round the duration, as suits an estimate.
    """
    if about and seconds < 10:
        return "a few seconds"
    if about:
        step = 10 if seconds < 100 else 60 if seconds < 3600 else 300
        seconds = round(seconds / step) * step
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    parts = [(hours, "h"), (minutes, "min"), (rest, "s")]
    words = " ".join(f"{count} {unit}" for count, unit in parts if count) or "0 s"
    return f"about {words}" if about else words
