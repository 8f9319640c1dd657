"""What the Makefile would do, on machines of several kinds; `make -n` runs nothing."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

TORCH = "torch==2.13.0"
REQUIREMENTS = tuple(f"requirements{name}.txt" for name in ("", "-s3", "-dev", "-compiled"))
READ = ("Makefile", "pyproject.toml", *REQUIREMENTS)


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """Copy what make reads into a folder without a virtual environment."""
    for name in READ:
        shutil.copy(name, tmp_path / name)
    return tmp_path


def make(machine: Path, *arguments: str) -> list[str]:
    quiet = ["make", "--no-print-directory", "-n"]  # which it prints where these tests are run by make themselves
    done = subprocess.run([*quiet, *arguments], cwd=machine, capture_output=True, text=True, check=True)
    return done.stdout.replace("\\\n", "").splitlines()


def set_up(machine: Path) -> None:
    """Leave behind what a finished set-up does, as far as make looks at it."""
    (machine / ".venv/bin").mkdir(parents=True)
    for name in ("bin/python", "ready", "ready-s3", "ready-dev"):
        (machine / ".venv" / name).touch()


@pytest.mark.parametrize("target", ["repro", "test"])
def test_a_bare_clone_gets_torch_before_anything_else(machine: Path, target: str) -> None:
    lines = make(machine, target, "TORCH=cpu")
    steps = ["-m venv", f"-c requirements.txt {TORCH}+cpu", "-r .venv/requirements.txt", "--editable ."]
    numbers = [next(number for number, line in enumerate(lines) if step in line) for step in steps]
    assert numbers == sorted(numbers)
    assert f"--torch-backend=cpu {TORCH}" in lines[numbers[1]]  # uv takes over where pip finds no such build


@pytest.mark.parametrize(
    ("torch", "command"),
    [
        ("plain", f"pip install --quiet --disable-pip-version-check -c requirements.txt {TORCH}"),
        ("auto", f"--torch-backend=auto {TORCH}"),
        ("cu128", f"--torch-backend=cu128 {TORCH}"),
    ],
)
def test_torch_comes_in_the_build_that_fits(machine: Path, torch: str, command: str) -> None:
    commands = [line for line in make(machine, "setup", f"TORCH={torch}") if TORCH in line]
    assert len(commands) == 1
    assert command in commands[0]


def test_a_torch_that_is_there_can_stay(machine: Path) -> None:
    lines = make(machine, "test", "TORCH=skip")
    assert any("--system-site-packages" in line for line in lines)
    assert not any("torch=" in line and "pip" in line for line in lines)
    assert not any(
        "-r requirements.txt" in line or "-r requirements-dev.txt" in line for line in lines
    )  # for that file names torch


@pytest.mark.parametrize(
    ("target", "commands"), [("repro", ["gradus repro --jobs 2", "gradus table"]), ("setup", []), ("s3", [])]
)
def test_a_second_run_installs_nothing(machine: Path, target: str, commands: list[str]) -> None:
    set_up(machine)
    assert [line for line in make(machine, target) if "Nothing to be done" not in line] == commands


def test_what_s3_needs_is_installed_only_where_it_is_asked_for(machine: Path) -> None:
    assert not any("requirements-s3.txt" in line for line in make(machine, "setup"))
    assert any("-r requirements-s3.txt" in line for line in make(machine, "s3"))


@pytest.mark.parametrize("name", ["requirements.txt", "pyproject.toml"])
def test_changed_requirements_are_installed(machine: Path, name: str) -> None:
    set_up(machine)
    later = (machine / ".venv/ready").stat().st_mtime + 10
    os.utime(machine / name, (later, later))
    assert any("pip install" in line for line in make(machine, "repro"))


def test_another_python_is_refused_on_one_line(machine: Path) -> None:
    old = machine / "old-python"
    old.write_text('#!/bin/sh\n[ "$1" = -V ] && echo Python 3.10.2 && exit\nexit 1\n')
    old.chmod(0o755)
    done = subprocess.run(["make", "setup", f"PYTHON={old}"], cwd=machine, capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stderr.startswith("gradus needs Python 3.11 to 3.13, found Python 3.10.2; run make PYTHON=python3.12\n")
    assert not (machine / ".venv").exists()


def test_no_index_address_stands_in_the_project(machine: Path) -> None:
    for name in READ:
        assert "://" not in (machine / name).read_text()


def test_every_requirement_is_pinned() -> None:
    lines = [line for name in REQUIREMENTS for line in Path(name).read_text().splitlines()]
    assert all("==" in line for line in lines if line and not line.startswith(("#", "-r ")))
