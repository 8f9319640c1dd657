"""After a kill at any rename, or on a full disk, a path has its old content or its new content, nothing else."""

import os
import random
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.torture.actions import ACTIONS, SETUP, plant
from tests.torture.faults import in_child, killed_at, with_small_files

EVERY = os.environ.get("GRADUS_TORTURE") == "all"
"""Whether to test every moment, as `make torture` does, or a random choice."""

State = dict[str, bytes]
CHECKPOINTS = ".gradus"


def state(place: Path) -> State:
    """Return the bytes of a file, or of every file in a folder; {} if the path is absent."""
    if place.is_file():
        return {"": place.read_bytes()}
    return {path.relative_to(place).as_posix(): path.read_bytes() for path in place.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder in which all setup actions have run."""
    folder = tmp_path_factory.mktemp("torture")
    plant(folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for number, action in enumerate(SETUP):
            code, printed = in_child(action)
            assert code == 0, f"{number}: {printed}"
    return folder


@pytest.fixture
def fresh(prepared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], Iterator[Path]]:
    """Return a function that yields fresh copies of the prepared folder, one at a time."""

    def lay() -> Iterator[Path]:
        number = 0
        while True:
            folder = tmp_path / str(number)
            shutil.copytree(prepared, folder)
            monkeypatch.chdir(folder)
            yield folder
            shutil.rmtree(folder)
            number += 1

    return lay


def chosen(moments: range, name: str, few: int) -> list[int]:
    return list(moments) if EVERY else sorted(random.Random(name).sample(moments, min(few, len(moments))))


def leftovers(folder: Path) -> list[Path]:
    return list(folder.rglob("*.part"))


@pytest.mark.parametrize("name", sorted(ACTIONS))
def test_a_kill_leaves_the_old_or_the_new_result(name: str, fresh: Callable[[], Iterator[Path]]) -> None:
    action, target = ACTIONS[name]
    folders = fresh()
    folder = next(folders)
    old = state(folder / target)
    code, log = in_child(action)
    assert code == 0, log
    new = state(folder / target)
    next(folders)
    moments = int(in_child(killed_at(action, -1))[1].rpartition("moments: ")[2])
    assert moments > 10
    for event in chosen(range(moments), name, 2):
        folder = next(folders)
        assert in_child(killed_at(action, event))[0] == -signal.SIGKILL
        assert state(folder / target) in (old, new), f"killed at moment {event}"
        code, log = in_child(action)
        assert code == 0, log
        assert state(folder / target) == new
        assert not leftovers(folder)


@pytest.mark.parametrize("name", sorted(ACTIONS))
def test_a_full_disk_gives_one_line_and_keeps_the_old_result(name: str, fresh: Callable[[], Iterator[Path]]) -> None:
    action, target = ACTIONS[name]
    folders = fresh()
    for most in chosen(range(0, 1200, 40), name, 1):
        folder = next(folders)
        old = state(folder / target)
        code, log = in_child(with_small_files(action, most))
        if code:
            assert code == 1, log
            assert "Traceback" not in log and "space to write" in log.splitlines()[-1], log
            assert state(folder / target) == old
        assert not leftovers(folder)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Mount a file system of 256 KiB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(folder)]
    if subprocess.run(command, capture_output=True).returncode:
        pytest.skip("mounting a file system is not permitted")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.parametrize("where", ["model", "scratch"])
def test_a_full_disk_does_not_kill_the_process(where: str, tmp_path: Path, small_disk: Path) -> None:
    """Writing to a memory-mapped file without disk space would kill the process with SIGBUS."""
    text = tmp_path / "text.txt"
    draw = random.Random(1)
    text.write_text("".join(f"{' '.join(draw.choices('abcdefghij', k=9))}\n" for _ in range(3000)))
    from gradus.cli.main import app

    model = small_disk / "model" if where == "model" else tmp_path / "model"
    scratch = ["--scratch", str(small_disk / "scratch")] if where == "scratch" else []
    code, log = in_child(lambda: app(["ngram", "build", str(text), str(model), *scratch]))
    assert code == 1 and log.count("\n") == 1 and "space to write" in log, log
    assert not model.exists() and not leftovers(small_disk)
