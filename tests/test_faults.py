"""Real exceptions of the system and of other packages become one line and an exit code."""

import errno
import os
import resource
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow
import pyarrow.feather
import pytest
import safetensors.torch
import torch

from gradus.artifacts.places import new_file
from gradus.errors import InputError, RunError
from gradus.faults import LONGEST, describe

ZEROS = torch.zeros(50_000)  # 200 kB


@pytest.fixture
def small_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Work in a folder where no file may grow beyond 100 kB."""
    monkeypatch.chdir(tmp_path)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


def raised(work: Callable[[], Any]) -> BaseException:
    """Return the exception that a function raises."""
    try:
        work()
    except Exception as error:
        return error
    raise AssertionError("nothing was raised")


WRITERS: dict[str, Callable[[Path], Any]] = {
    "text": lambda path: path.write_text("x" * 200_000),
    "bytes": lambda path: path.write_bytes(b"x" * 200_000),
    "numpy": lambda path: np.save(path, ZEROS.numpy()),
    "torch": lambda path: torch.save(ZEROS, path),
    "safetensors": lambda path: safetensors.torch.save_file({"zeros": ZEROS}, path),
    "pyarrow": lambda path: pyarrow.feather.write_feather(
        pyarrow.table({"zeros": ZEROS.numpy()}), str(path), compression="uncompressed"
    ),
}


@pytest.mark.parametrize("writer", WRITERS)
def test_a_write_that_does_not_fit_names_the_file_and_the_limit(small_files: None, tmp_path: Path, writer: str) -> None:
    """torch and safetensors name no file in their exceptions; gradus writes its outputs without them."""

    def write() -> None:
        with new_file(Path("x.npy"), lambda path: False) as part:
            WRITERS[writer](part)

    line, code = describe(raised(write))
    where = "the output" if writer in ("torch", "safetensors") else str(tmp_path / "x.npy")
    assert line.startswith(f"{where}: expected space to write, found ") and code == 1
    assert "limit on the size of a file" in line and not list(tmp_path.iterdir())


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a device that is always full")
@pytest.mark.parametrize("writer", ["text", "bytes", "torch"])
def test_a_full_disk(writer: str) -> None:
    line, code = describe(raised(lambda: WRITERS[writer](Path("/dev/full"))))
    assert line.startswith("the output: expected space to write, found a full disk") and code == 1


def test_the_file_named_by_the_exception_is_reported() -> None:
    assert describe(OSError(errno.EDQUOT, "Disk quota exceeded", "models/y")) == (
        "models/y: expected space to write, found a used-up disk quota; free some space and run again",
        1,
    )


@pytest.mark.parametrize(
    "allocate",
    [
        lambda: torch.empty(10**13),
        lambda: torch.empty(2**40, 2**40),
        lambda: np.empty(10**13),
        lambda: np.empty((2**40, 2**40)),
        lambda: pyarrow.allocate_buffer(10**15),
        lambda: [0] * 10**15,
        lambda: (_ for _ in ()).throw(torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB.")),
        lambda: (_ for _ in ()).throw(OSError(errno.ENOMEM, "Cannot allocate memory")),
    ],
)
def test_a_failed_allocation(allocate: Callable[[], Any]) -> None:
    line, code = describe(raised(allocate))
    assert line.startswith("out of memory (") and code == 1


@pytest.mark.parametrize(
    ("use", "found"),
    [
        (lambda: Path("/").read_text(), "/: expected a usable path, found: Is a directory"),
        (
            lambda: Path("/dev/null/x").read_text(),
            "/dev/null/x: expected a usable path, found: Not a directory",
        ),
        (lambda: Path("x" * 300).read_text(), "File name too long"),
        (
            lambda: os.mkdir("nowhere/x"),
            "nowhere/x: expected a usable path, found: No such file or directory",
        ),
        (
            lambda: (_ for _ in ()).throw(PermissionError(errno.EACCES, "Permission denied", b"x")),
            "x: expected a usable path",
        ),
    ],
)
def test_a_path_that_cannot_be_used_is_wrong_input(use: Callable[[], Any], found: str) -> None:
    line, code = describe(raised(use))
    assert found in line and line.endswith("; name another path or repair this path") and code == 2


def test_too_many_open_files_are_a_failure() -> None:
    before, lowest_free = resource.getrlimit(resource.RLIMIT_NOFILE), os.dup(0)
    os.close(lowest_free)
    resource.setrlimit(resource.RLIMIT_NOFILE, (lowest_free, before[1]))
    try:
        error = raised(lambda: os.open("/dev/null", os.O_RDONLY))
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
    assert describe(error) == (
        "/dev/null: Too many open files; raise the limit on open files (ulimit -n), or stop other programs",
        1,
    )


def recurse() -> None:
    recurse()


@pytest.mark.parametrize(
    ("fail", "line"),
    [
        (lambda: {}["x"], "unexpected KeyError: 'x'"),
        (lambda: 1 / 0, "unexpected ZeroDivisionError: division by zero"),
        (recurse, "unexpected RecursionError: maximum recursion depth exceeded"),
    ],
)
def test_a_defect_is_reported_on_one_line(fail: Callable[[], Any], line: str) -> None:
    end = "; this is a bug in gradus: please run again with --debug and report the output"
    assert describe(raised(fail)) == (line + end, 1)


def test_other_errors_that_mention_a_full_disk_keep_their_meaning() -> None:
    assert "bug in gradus" in describe(ValueError("a line that says No space left on device"))[0]
    assert describe(RunError("No space left on device, says the text")) == ("No space left on device, says the text", 1)


def test_control_characters_are_escaped_and_long_texts_are_cut() -> None:
    error = InputError("a\x1b[2Jb\ncorpus", expected="x", found="\u202e" + "y" * 10**6, remedy="z")
    line, code = describe(error)
    assert line.startswith("a\\x1b[2Jb corpus: expected x, found \\u202eyyy") and code == 2
    assert line.isprintable() and len(line) < LONGEST + 10


def test_text_that_cannot_be_encoded() -> None:
    line, code = describe(raised(lambda: b"\xff".decode(errors="surrogateescape").encode()))
    assert line.startswith("the command line or a file's name: expected UTF-8, found '\\udcff'") and code == 2
    line, code = describe(raised(lambda: "ü".encode("ascii")))
    assert line.startswith("the output: expected an encoding for all characters, found ascii") and code == 1
