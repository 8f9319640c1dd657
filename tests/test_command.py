"""What a command says and returns when something is wrong."""

import errno
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Annotated

import pytest
import typer
from typer.testing import CliRunner

from gradus.command import stage_app, track
from gradus.errors import InputError, RunError
from gradus.process import alone


def main(problem: Annotated[str, typer.Argument(help="What goes wrong.")]) -> None:
    """Fail as asked."""
    match problem:
        case "input":
            raise InputError("text.txt:3", expected="UTF-8", found="byte 0xff", remedy="convert it")
        case "run":
            raise RunError("no network")
        case "disk":
            raise OSError(errno.ENOSPC, "No space left on device", "models/x")
        case "bug":
            raise KeyError("bug")


@pytest.fixture(autouse=True)
def in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("problem", "code", "line"),
    [
        ("none", 0, ""),
        ("input", 2, "error: text.txt:3: expected UTF-8, found byte 0xff; convert it\n"),
        ("run", 1, "error: no network\n"),
        ("disk", 1, "error: models/x: expected room to write, found a full disk; free some and run again\n"),
    ],
)
def test_one_line_and_an_exit_code(problem: str, code: int, line: str) -> None:
    result = CliRunner().invoke(stage_app(main), [problem])
    assert (result.exit_code, result.stderr, result.stdout) == (code, line, "")


def test_debug_shows_the_traceback_and_a_bug_is_not_hidden() -> None:
    assert isinstance(CliRunner().invoke(stage_app(main), ["input", "--debug"]).exception, InputError)
    assert isinstance(CliRunner().invoke(stage_app(main), ["bug"]).exception, KeyError)


def test_help_names_the_argument_and_debug() -> None:
    text = CliRunner().invoke(stage_app(main), ["--help"]).stdout
    assert "Fail as asked." in text and "What goes wrong." in text and "--debug" in text


def test_a_wrong_option_is_a_usage_error() -> None:
    assert CliRunner().invoke(stage_app(main), ["none", "--nonsense"]).exit_code == 2


def test_a_stage_refuses_to_run_beside_itself() -> None:
    with alone("test_command-none"):
        result = CliRunner().invoke(stage_app(main), ["none"])
    assert result.exit_code == 1
    assert result.stderr == "error: test_command-none is already running here; wait until it ends or stop it\n"
    assert CliRunner().invoke(stage_app(main), ["none"]).exit_code == 0


CHILD = """
import os, time
from gradus.process import die_with_parent
die_with_parent()
print(os.getpid(), flush=True)
time.sleep(60)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux can ask for the signal")
def test_a_stage_dies_with_the_process_that_started_it() -> None:
    starter = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {CHILD!r}])"
    with subprocess.Popen([sys.executable, "-c", starter], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        parent.send_signal(signal.SIGKILL)
        deadline = time.monotonic() + 20
        while _alive(child) and time.monotonic() < deadline:
            time.sleep(0.05)
    assert not _alive(child)


def _alive(pid: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False


def test_tracking_off_a_terminal_shows_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    assert list(track(range(3), "counting")) == [0, 1, 2]
    assert capfd.readouterr() == ("", "")


def test_waiting_threads_sleep() -> None:
    assert os.environ["OMP_WAIT_POLICY"] == "PASSIVE"
