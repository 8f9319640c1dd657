"""Messages and exit codes of commands that fail."""

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

from gradus.cli.main import app as gradus
from gradus.command import stage_app, track
from gradus.errors import InputError, RunError
from gradus.process import alone

DEFECT = "; this is a bug in gradus: please run again with --debug and report the output"


def main(problem: Annotated[str, typer.Argument(help="Kind of failure.")]) -> None:
    """Fail in one of several ways."""
    match problem:
        case "input":
            raise InputError("text.txt:3", expected="UTF-8", found="byte 0xff", remedy="convert it")
        case "run":
            raise RunError("no network")
        case "disk":
            raise OSError(errno.ENOSPC, "No space left on device", "models/x")
        case "path":
            raise IsADirectoryError(errno.EISDIR, "Is a directory", "x")
        case "bug":
            raise KeyError("bug")
        case "recursion":
            main(problem)
        case "stop":
            raise KeyboardInterrupt


ENVIRONMENT = {
    **os.environ,
    "PYTHONPATH": os.pathsep.join([os.getcwd(), os.environ.get("PYTHONPATH", "")]),
    "PYTHONUNBUFFERED": "",
}


@pytest.fixture(autouse=True)
def in_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("problem", "code", "line"),
    [
        ("none", 0, ""),
        ("input", 2, "error: text.txt:3: expected UTF-8, found byte 0xff; convert it\n"),
        ("run", 1, "error: no network\n"),
        ("disk", 1, "error: models/x: expected space to write, found a full disk; free some space and run again\n"),
        (
            "path",
            2,
            "error: x: expected a usable path, found: Is a directory; name another path or repair this path\n",
        ),
        ("bug", 1, f"error: unexpected KeyError: 'bug'{DEFECT}\n"),
        ("recursion", 1, f"error: unexpected RecursionError: maximum recursion depth exceeded{DEFECT}\n"),
        ("stop", 130, ""),
    ],
)
def test_an_error_has_one_line_and_an_exit_code(problem: str, code: int, line: str) -> None:
    result = CliRunner().invoke(stage_app(main), [problem])
    assert (result.exit_code, result.stderr, result.stdout) == (code, line, "")


@pytest.mark.parametrize(("problem", "code", "name"), [("input", 2, "InputError"), ("bug", 1, "KeyError")])
def test_debug_adds_the_traceback_and_keeps_line_and_code(problem: str, code: int, name: str) -> None:
    plain = CliRunner().invoke(stage_app(main), [problem])
    result = CliRunner().invoke(stage_app(main), [problem, "--debug"])
    assert result.stderr.startswith("Traceback (most recent call last):\n") and name in result.stderr
    assert result.stderr.endswith(plain.stderr) and result.exit_code == code


def test_help_names_the_argument_and_debug() -> None:
    text = CliRunner().invoke(stage_app(main), ["--help"]).stdout
    assert "Fail in one of several ways." in text and "Kind of failure." in text and "--debug" in text


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["none", "--nonsense"], "--nonsense: expected an option of main, found an unknown option"),
        ([], "problem: expected a value, found none"),
        (["none", "--a\x1b[2Jb"], "--a\\x1b[2Jb: expected an option of main"),
    ],
)
def test_a_wrong_command_line_is_one_line_too(arguments: list[str], said: str) -> None:
    result = CliRunner().invoke(stage_app(main), arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(f"error: {said}") and result.stderr.endswith(" --help\n")
    assert result.stderr.count("\n") == 1


def test_a_group_without_a_subcommand_prints_its_help() -> None:
    result = CliRunner().invoke(gradus, [])
    assert result.exit_code == 2 and "complete" in result.output and "error" not in result.output


def test_a_stage_refuses_to_run_beside_itself() -> None:
    with alone("test_command-none"):
        result = CliRunner().invoke(stage_app(main), ["none"])
    assert result.exit_code == 1
    assert result.stderr == (
        "error: test_command-none is already running in this folder; wait until that process ends, or stop it\n"
    )
    assert CliRunner().invoke(stage_app(main), ["none"]).exit_code == 0


PROGRAM = """
import sys, time
from pathlib import Path
from tempfile import TemporaryDirectory
from gradus.command import Command, new_app, stage_app, with_errors

def main(lines: int = 1, wait: bool = False) -> None:
    with TemporaryDirectory(dir=".", prefix="room."):
        for line in range(lines):
            print("line", line, flush=wait)
        if wait:
            time.sleep(60)

STAGE = {stage}
if STAGE:
    app = stage_app(main)
else:
    app = new_app()
    app.command(cls=Command)(with_errors(main))
if __name__ == "__main__":
    app()
"""


@pytest.fixture(params=["stage", "command"])
def program(tmp_path: Path, request: pytest.FixtureRequest) -> list[str]:
    """Write a program that prints lines and holds a temporary folder, once as a stage and once as a command."""
    (tmp_path / "program.py").write_text(PROGRAM.format(stage=request.param == "stage"))
    return [sys.executable, "program.py"]


def piped(program: list[str], consumer: str) -> tuple[int, str]:
    """Run a program with a shell redirection; return the program's exit code and standard error."""
    line = " ".join(program) + f" {consumer}; exit ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", line], env=ENVIRONMENT, capture_output=True, text=True)
    return done.returncode, done.stderr


def test_a_closed_pipe_ends_a_command_without_an_error_but_is_one_for_a_stage(program: list[str]) -> None:
    is_stage = "STAGE = True" in Path("program.py").read_text()
    line = "error: standard output was closed before the stage was done; run the command again\n"
    assert piped([*program, "--lines", "300000"], "| head -n 1") == ((1, line) if is_stage else (0, ""))
    assert piped([*program, "--lines", "300000"], "2>&1 | head -n 1") == (1 if is_stage else 0, "")
    assert piped([*program, "--lines", "10"], "| sleep 0") == (0, "")  # noticed only at the end
    assert piped([*program, "--help"], "| sleep 0") == (0, "")
    assert piped([*program, "--lines", "10"], ">&-") == (0, "")
    assert not list(Path().glob("room.*"))


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a device that is always full")
def test_a_full_disk_under_standard_output_is_reported_on_one_line(program: list[str]) -> None:
    line = "error: the output: expected space to write, found a full disk; free some space and run again\n"
    for lines in ("10", "300000"):
        assert piped([*program, "--lines", lines], "> /dev/full") == (1, line)
    assert piped([*program, "--lines", "10"], "> /dev/full 2> /dev/full") == (1, "")


@pytest.mark.parametrize(("stop", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129), (signal.SIGINT, 130)])
def test_a_signal_removes_temporary_folders_and_sets_the_exit_code(
    program: list[str], stop: signal.Signals, code: int
) -> None:
    with subprocess.Popen(
        [*program, "--wait"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=ENVIRONMENT, text=True
    ) as running:
        assert running.stdout is not None and running.stderr is not None
        assert running.stdout.readline() == "line 0\n"
        assert list(Path().glob("room.*"))
        running.send_signal(stop)
        assert (running.wait(20), running.stderr.read()) == (code, "")
    assert not list(Path().glob("room.*"))


CHILD = """
import os, time
from gradus.process import die_with_parent
die_with_parent()
print(os.getpid(), flush=True)
time.sleep(60)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux can ask for the signal")
def test_a_stage_ends_with_its_parent_process() -> None:
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


def test_progress_is_shown_only_in_a_terminal(capfd: pytest.CaptureFixture[str]) -> None:
    assert list(track(range(3), "counting")) == [0, 1, 2]
    assert capfd.readouterr() == ("", "")


def test_waiting_threads_sleep() -> None:
    assert os.environ["OMP_WAIT_POLICY"] == "PASSIVE"


@pytest.mark.parametrize("name", ["../x", "a/b", "$(touch x)", "-rf", ""])
@pytest.mark.parametrize("stage", ["generate", "evaluate_lm", "evaluate_lm_ngram", "translate", "evaluate_mt"])
def test_a_stage_refuses_a_name_that_is_a_path(stage, name, tmp_path, monkeypatch):
    import importlib

    from typer.testing import CliRunner

    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(importlib.import_module(f"stages.{stage}").app, ["--name", name])
    assert result.exit_code == 2 and result.stderr.startswith("error: --name: expected a name"), result.output
    assert not list(tmp_path.iterdir())
