"""Numbers, durations and estimates of a run, on an event loop whose clock jumps to the next event."""

import asyncio
import random
import re
import selectors
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from gradus.cli.live_line import live_line
from gradus.cli.main import app
from gradus.params import read_file
from gradus.pipeline.durations import DURATIONS, MEASURED, Durations, entry, keep_durations, read_durations
from gradus.pipeline.parallel import Outcome, run_chains
from gradus.pipeline.progress import Progress, spoken
from gradus.pipeline.schedule import Running, seconds_left

TRAINED = {"train@a", "train@b", "train@c"}
GRAPH = {"count": set(), **{name: {"count"} for name in sorted(TRAINED)}, "report": TRAINED}
SECONDS = {"count": 1.0, "train@a": 50.0, "train@b": 20.0, "train@c": 40.0, "report": 4.0}


class Jumping(selectors.DefaultSelector):
    """Wait for a time-out by moving the clock."""

    now = 0.0

    def select(self, timeout: float | None = None) -> list[Any]:
        self.now += timeout or 0.0
        return super().select(0)


class Run:
    """A run whose stages only wait; `left` has the estimate at the start of each stage, and the time."""

    def __init__(
        self,
        seconds: dict[str, float],
        durations: Durations,
        *,
        failing: str = "",
        cached: Iterable[str] = (),
        graph: dict[str, set[str]] = GRAPH,
    ) -> None:
        self.selector, self.lines, self.live = Jumping(), [], []
        self.left: list[tuple[float, float | None]] = []
        self.seconds, self.failing, self.cached = seconds, failing, cached
        waiting = {name: set(needs) for name, needs in graph.items()}
        self.progress = Progress(waiting, 2, durations, self.lines.append, self.live.append, lambda: self.selector.now)
        loop = asyncio.SelectorEventLoop(self.selector)
        loop.time = lambda: self.selector.now  # type: ignore[method-assign]
        with asyncio.Runner(loop_factory=lambda: loop) as runner:
            self.outcome: Outcome = runner.run(run_chains(waiting, self.progress, self.chain, lambda: None))
        self.end = self.selector.now

    async def chain(self, names: list[str]) -> str | None:
        for name in names:
            self.progress.stage_started(name, runs=name not in self.cached)
            self.left.append((self.selector.now, self.progress.seconds_left()))
            await asyncio.sleep(self.seconds[name])
            if name == self.failing:
                return name
        return None


@pytest.fixture(autouse=True)
def inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The durations of a run are kept in the current folder."""
    monkeypatch.chdir(tmp_path)


def test_two_workers_take_the_stages_in_the_order_of_the_pipeline() -> None:
    """1 s; then a (50 s) beside b and c (20 + 40 s); then 4 s."""
    assert seconds_left(GRAPH, [], SECONDS.__getitem__, jobs=2) == 1 + 60 + 4
    assert seconds_left(GRAPH, [], SECONDS.__getitem__, jobs=1) == sum(SECONDS.values())


def test_what_runs_already_counts_with_the_rest_of_its_time() -> None:
    waiting = {"c": set(), "report": {"a", "b", "c"}}
    running = [Running(("a",), 30.0), Running(("b",), 5.0)]
    assert seconds_left(waiting, running, {"c": 10.0, "report": 4.0}.__getitem__, jobs=2) == 34


def test_with_known_durations_the_estimate_is_exact_at_every_start() -> None:
    draw = random.Random(1)
    graph = {f"s{n}": {f"s{draw.randrange(n)}" for _ in range(draw.randrange(3)) if n} for n in range(40)}
    seconds = {name: draw.uniform(1, 30) for name in graph}
    run = Run(seconds, Durations(dict(seconds)), graph=graph)
    assert len(run.left) == 40
    for now, left in run.left:
        assert left is not None and now + left == pytest.approx(run.end)


def test_in_a_fresh_clone_the_pace_of_the_finished_stages_corrects_the_estimate() -> None:
    """Three times as slow as the machine that the durations elsewhere come from."""
    graph = {"count": set(), **{f"train@{n}": {"count"} for n in range(20)}}
    elsewhere = dict.fromkeys(graph, 10.0)
    run = Run(dict.fromkeys(graph, 30.0), Durations({}, elsewhere), graph=graph)
    first, half, late = (run.left[at] for at in (0, 10, 18))
    assert first[1] == pytest.approx((run.end - first[0]) / 3)
    assert half[1] == pytest.approx(run.end - half[0], rel=0.15)
    assert late[1] == pytest.approx(run.end - late[0], rel=0.1)


def test_a_stage_that_runs_longer_than_expected_moves_the_end() -> None:
    run = Run({**SECONDS, "train@a": 500.0}, Durations(dict(SECONDS)))
    assert "stage 4 of 5; train@a (60 s); about 10 s left" in run.live
    assert "stage 4 of 5; train@a (300 s); about 40 s left" in run.live


def test_each_start_has_a_number_and_each_end_its_seconds() -> None:
    run = Run(SECONDS, Durations(dict(SECONDS)))
    assert run.lines[:4] == [
        "[1 of 5] count; about 1 min left",
        "[count] took 1.0 s",
        "[2 of 5] train@a; about 1 min left",
        "[3 of 5] train@b; about 1 min left",
    ]
    assert run.lines[-2:] == ["[5 of 5] report; a few seconds left", "[report] took 4.0 s"]
    assert run.progress.summary(0) == "5 stages in 1 min 5 s: 5 ran"
    assert "stage 3 of 5; train@a (15 s), train@b (15 s); about 50 s left" in run.live
    assert read_durations().known == SECONDS


def test_nothing_is_estimated_from_nothing() -> None:
    run = Run(SECONDS, Durations({}))
    assert run.lines[0] == "[1 of 5] count"
    assert not [line for line in run.lines[:5] if "left" in line]


def test_a_failed_stage_is_counted_and_what_waits_for_it_takes_no_time() -> None:
    graph = {**GRAPH, "after": {"train@a"}}
    seconds = {**SECONDS, "train@a": 2.0, "after": 1000.0}
    run = Run(seconds, Durations(dict(seconds)), failing="train@a", graph=graph)
    assert run.outcome == Outcome(["train@a"], ["report", "after"])
    assert "[train@a] failed after 2.0 s" in run.lines
    assert run.progress.summary(2) == "6 stages in 43 s: 3 ran, 1 failed, 2 skipped"
    now, left = run.left[-1]
    assert left == pytest.approx(run.end - now)


def test_a_stage_from_the_cache_leaves_durations_and_pace_as_they_are() -> None:
    seconds = {**SECONDS, "train@a": 0.1, "count": 0.1}
    run = Run(seconds, Durations(dict(SECONDS)), cached=("train@a", "count"))
    assert read_durations().known == SECONDS
    assert run.progress.summary(0).endswith(": 3 ran, 2 unchanged or from DVC's cache")
    now, left = run.left[-2]
    assert left == pytest.approx(run.end - now)


def test_a_chain_that_waited_for_a_lock_counts_once_and_without_the_wait() -> None:
    """DVC finds a file of the second stage in use, and `run_stages` starts the chain again."""
    now = 0.0
    progress = Progress({}, 1, Durations({}), print, clock=lambda: now)
    progress.chain_started(["a", "b"])
    for now, name, runs in ((1.0, "a", True), (5.0, "b", False), (30.0, "a", False), (31.0, "b", True)):  # noqa: B007
        progress.stage_started(name, runs=runs)
    now = 33.0
    progress.chain_ended(["a", "b"], None)
    assert progress.summary(0) == "0 stages in 33 s: 2 ran"
    assert progress.durations.known == {"a": 5.0, "b": 2.0}


def test_an_unknown_stage_takes_the_mean_of_its_entry_and_another_machine_s_seconds_are_scaled() -> None:
    durations = Durations({"train@a": 10.0, "train@b": 30.0}, {"train@a": 5.0, "train@b": 15.0, "train@c": 8.0})
    assert durations.estimate("train@a") == 10
    assert durations.estimate("train@c") == 16  # twice as slow as elsewhere
    assert durations.estimate("train@new") == pytest.approx((10 + 30 + 16) / 3)
    assert durations.estimate("other") is None


ODD = '{"a": "1", "b": -1, "c": 1e300, "d": null}'


@pytest.mark.parametrize("content", ["", "[1]", "{", '{"a": NaN}', ODD, "\xff"])
def test_a_damaged_file_of_durations_does_no_harm(content: str) -> None:
    DURATIONS.parent.mkdir()
    DURATIONS.write_text(content, encoding="latin-1")
    assert read_durations().known == {}
    keep_durations({"a": 1.0})
    assert read_durations().known == {"a": 1.0}


def test_durations_that_cannot_be_written_are_no_error() -> None:
    DURATIONS.parent.write_text("a file in place of the folder")
    keep_durations({"a": 1.0})
    DURATIONS.parent.unlink()
    DURATIONS.mkdir(parents=True)
    keep_durations({"a": 1.0})


def test_a_fresh_clone_knows_a_duration_for_every_entry(request: pytest.FixtureRequest) -> None:
    entries = read_file(request.config.rootpath / "dvc.yaml", dict)["stages"].keys()
    params = read_file(request.config.rootpath / "params.yaml", dict)
    sections = {"evaluate_lm_adapted": "adapt_lm"}  # of an entry that is not named like its section
    run = {name for name in entries if params.get(sections.get(name, name)) != {}}  # some sections are empty
    assert {entry(name) for name in read_file(MEASURED, dict)["seconds"]} == run


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "a few seconds"),
        (14, "about 10 s"),
        (96, "about 1 min 40 s"),
        (200, "about 3 min"),
        (4000, "about 1 h 5 min"),
    ],
)
def test_an_estimate_is_rounded(seconds: float, words: str) -> None:
    assert spoken(seconds) == words


@pytest.fixture
def printed(capsys: pytest.CaptureFixture[str]) -> Callable[[], tuple[str, str]]:
    def use() -> tuple[str, str]:
        with live_line() as (log, show):
            show("stage 1 of 2")
            log("a line [bold]")
            show("stage 2 of 2")
        return tuple(capsys.readouterr())  # type: ignore[return-value]

    return use


def test_a_terminal_gets_a_live_line_on_standard_error(
    printed: Callable[[], tuple[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("FORCE_COLOR", "1")
    out, err = printed()
    assert out == "a line [bold]\n"
    assert "stage 1 of 2" in err and "stage 2 of 2" in err


def test_without_a_terminal_there_is_no_live_line(
    printed: Callable[[], tuple[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("FORCE_COLOR", "TTY_COMPATIBLE"):
        monkeypatch.delenv(name, raising=False)
    assert printed() == ("a line [bold]\n", "")


CACHED = """\
stages:
  first: {cmd: sleep 0.3; cp in.txt first.txt, deps: [in.txt], outs: [first.txt]}
  second: {cmd: cp first.txt second.txt, deps: [first.txt], outs: [second.txt]}
"""


def test_the_run_cache_of_dvc_does_not_spoil_the_durations(project: Path) -> None:
    (project / "dvc.yaml").write_text(CACHED)
    (project / "in.txt").write_text("1")
    first = CliRunner().invoke(app, ["repro"])
    assert re.findall(r"^\[. of 2\] \w+$", first.output, flags=re.MULTILINE) == ["[1 of 2] first", "[2 of 2] second"]
    known = read_durations().known
    assert known.keys() == {"first", "second"} and known["first"] > 0.3
    for name in ("dvc.lock", "first.txt", "second.txt"):
        (project / name).unlink()
    second = CliRunner().invoke(app, ["repro"])
    assert "[1 of 2] first; a few seconds left" in second.output, second.output
    assert ": 2 unchanged or from DVC's cache" in second.output
    assert read_durations().known == known
