import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from typer.testing import CliRunner

from gradus.cli.main import app
from gradus.pipeline.dvc import dvc
from gradus.pipeline.schedule import next_chain

# Each of the first two stages ends only after the other has started, so they finish only if they run in parallel.
MEET = """\
stages:
  left:
    cmd: touch left.begun; until [ -e right.begun ]; do sleep 0.05; done; echo 1 > left.txt
    outs: [left.txt]
  right:
    cmd: touch right.begun; until [ -e left.begun ]; do sleep 0.05; done; echo 2 > right.txt
    outs: [right.txt]
  both:
    cmd: cat left.txt right.txt > both.txt
    deps: [left.txt, right.txt]
    outs: [both.txt]
"""
FAIL = """\
stages:
  good: {cmd: echo 1 > good.txt, outs: [good.txt]}
  bad: {cmd: echo because; exit 3, deps: [before_bad.txt], outs: [bad.txt]}
  after_good: {cmd: cat good.txt > after_good.txt, deps: [good.txt], outs: [after_good.txt]}
  before_bad: {cmd: echo 0 > before_bad.txt, outs: [before_bad.txt]}
  after_bad: {cmd: cat bad.txt > after_bad.txt, deps: [bad.txt], outs: [after_bad.txt]}
"""
SLEEP = """\
stages:
  sleep: {cmd: exec python sleep.py, outs: [never.txt]}
"""
SLEEP_PY = """\
import os, pathlib, time
from gradus.process import die_with_parent
die_with_parent()
pathlib.Path("pid.part").write_text(str(os.getpid()))
os.rename("pid.part", "pid")
time.sleep(600)
"""


def test_a_chain_ends_where_two_stages_become_ready_at_once() -> None:
    waiting = {"count": set(), "tokenize": {"count"}, "rnn": {"tokenize"}, "lstm": {"tokenize"}}
    assert next_chain(waiting) == ["count", "tokenize"]


def test_a_chain_excludes_stages_with_other_dependencies() -> None:
    waiting = {"rnn": set(), "evaluate": {"rnn"}, "lstm": set(), "report": {"evaluate", "lstm"}}
    assert next_chain(waiting) == ["rnn", "evaluate"]


def test_there_is_no_chain_while_every_stage_waits() -> None:
    assert next_chain({"report": {"train"}}) == []


def test_two_stages_run_in_parallel_and_dvc_repro_then_runs_none(project: Path) -> None:
    (project / "dvc.yaml").write_text(MEET)
    first = CliRunner().invoke(app, ["repro", "--jobs", "2"])
    assert first.exit_code == 0, first.output
    assert (project / "both.txt").read_text() == "1\n2\n"
    assert "[both] Running stage 'both':" in first.output
    assert "Running stage" not in dvc("repro")
    second = CliRunner().invoke(app, ["repro"])
    assert (second.exit_code, second.output) == (0, "Nothing has changed; no stage runs.\n")


def test_after_a_failure_only_downstream_stages_are_skipped(project: Path) -> None:
    (project / "dvc.yaml").write_text(FAIL)
    result = CliRunner().invoke(app, ["repro"])
    assert result.exit_code == 1
    assert "[bad] because" in result.output
    assert "failed: bad (the lines above give the reason); stages skipped because of this: after_bad" in result.output
    assert (project / "after_good.txt").exists()
    assert not (project / "after_bad.txt").exists()


@pytest.mark.parametrize(
    "stop",
    [
        signal.SIGINT,
        pytest.param(
            signal.SIGKILL,
            marks=pytest.mark.skipif(sys.platform != "linux", reason="only Linux kills a child when its parent ends"),
        ),
    ],
)
def test_an_interrupted_run_leaves_no_process_and_no_lock(project: Path, stop: signal.Signals) -> None:
    (project / "dvc.yaml").write_text(SLEEP)
    (project / "sleep.py").write_text(SLEEP_PY)
    run = subprocess.Popen([sys.executable, "-m", "gradus.cli.main", "repro"], stdout=subprocess.DEVNULL)
    await_true((project / "pid").exists)
    stage = psutil.Process(int((project / "pid").read_text()))
    manager = stage.parent()
    run.send_signal(stop)
    assert run.wait(timeout=30) != 0
    await_true(lambda: not alive(stage) and not alive(manager))
    (project / "dvc.yaml").write_text(FAIL)  # no lock of the interrupted run blocks this one
    assert "Running stage 'good'" in dvc("repro", "good")


def await_true(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60  # seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def alive(process: psutil.Process) -> bool:
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
