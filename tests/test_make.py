"""What the Makefile would do, on machines of several kinds; `make -n` runs nothing."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

TORCH = "torch==2.13.0"
REQUIREMENTS = tuple(f"requirements{name}.txt" for name in ("", "-torch", "-s3", "-dev", "-compiled", "-browser"))
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
def test_a_bare_clone_gets_the_locked_packages_and_then_torch(machine: Path, target: str) -> None:
    lines = make(machine, target, "TORCH=cpu")
    files = ["-r .venv/setuptools.txt", "-r requirements.txt"]
    steps = ["-m venv", *files, f"-c requirements-torch.txt {TORCH}+cpu", "--editable ."]
    numbers = [next(number for number, line in enumerate(lines) if step in line) for step in steps]
    assert numbers == sorted(numbers)
    assert f"--torch-backend=cpu {TORCH}" in lines[numbers[3]]  # uv takes over where pip finds no such build


def test_pip_takes_nothing_but_torch_without_a_hash(machine: Path) -> None:
    """An option keeps pip from resolving, and from fetching what it would build a package with."""
    for line in make(machine, "test", "s3", "TORCH=plain"):
        if "pip install" in line and TORCH not in line:
            assert "--no-deps --no-build-isolation" in line
            assert "--require-hashes" in line or line.endswith("--editable .")


@pytest.mark.parametrize("package", ["setuptools", "uv"])
def test_one_package_can_be_taken_from_a_file(machine: Path, package: str) -> None:
    (command,) = {
        line.split(" && ")[0].removeprefix("{ ")
        for line in make(machine, "setup", "TORCH=auto")
        if line.startswith(f"sed -n '/^{package}==")
    }
    (machine / ".venv").mkdir()
    subprocess.run(command, shell=True, cwd=machine, check=True)
    lines = (machine / f".venv/{package}.txt").read_text().splitlines()
    assert lines[0].startswith(f"{package}==") and len(lines) > 2
    assert all(line.startswith("    --hash=sha256:") for line in lines[1:])


@pytest.mark.parametrize(
    ("torch", "command"),
    [
        ("plain", f"pip install --quiet --disable-pip-version-check -c requirements-torch.txt {TORCH}"),
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
    assert not any("requirements-torch.txt" in line for line in lines)


@pytest.mark.parametrize(
    ("target", "commands"), [("repro", ["gradus repro --jobs 2", "gradus table"]), ("setup", []), ("s3", [])]
)
def test_a_second_run_installs_nothing(machine: Path, target: str, commands: list[str]) -> None:
    set_up(machine)
    assert [line for line in make(machine, target) if "Nothing to be done" not in line] == commands


def test_what_s3_needs_is_installed_only_where_it_is_asked_for(machine: Path) -> None:
    assert not any("requirements-s3.txt" in line for line in make(machine, "setup"))
    assert any("-r requirements-s3.txt" in line for line in make(machine, "s3"))


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-torch.txt", "pyproject.toml"])
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
