"""Copies of the repository in which experiments run.

`dvc exp run` stashes what is not committed, changes params.yaml and detaches HEAD for some seconds, also with --temp;
a kill leaves the folder so. In a copy there is nothing to lose.
"""

import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from gradus.pipeline.dvc import commit_of, dvc, git

COPIES = Path(".dvc/tmp/gradus")
OWN = Path("data/own")
SCRATCH = Path(".gradus/copies")
"""Locks and checkpoints of the stages that run in copies, a folder each."""
KEPT_DAYS = 14
"""Days for which the scratch folder of an experiment is kept that nobody goes on with."""


@dataclass(frozen=True)
class Snapshot:
    """The tracked files at one moment, so that later edits reach none of a recipe's seeds."""

    commit: str
    changes: bytes
    """Uncommitted changes, as `git apply` reads them."""
    cache: str
    """Folder of DVC's cache, which copies share."""


def snapshot() -> Snapshot:
    """Return the state of the repository at the current folder."""
    diff = ["git", "diff", "--binary", "HEAD"]
    changes = subprocess.run(diff, check=True, capture_output=True).stdout
    return Snapshot(commit_of("HEAD"), changes, dvc("cache", "dir").strip())


@contextmanager
def copied(name: str, state: Snapshot) -> Iterator[Path]:
    """Yield a clone of the repository at the current folder, with its own text, its DVC cache and a scratch folder.

    The clone is removed at the end; that of a process that was killed is removed first. `.gradus` in it leads to a
    folder of `SCRATCH`, which is removed only if the block ends well, so that a training that was killed goes on in
    the next copy of that name. Every copy has its own, because the locks of stages lie there too.

    Args:
        name: of the copy.
        state: what the clone holds.
    Raises:
        RunError: if git or DVC fails.
    """
    copy, scratch = COPIES.absolute() / name, SCRATCH.absolute() / name
    _remove_abandoned()
    shutil.rmtree(copy, ignore_errors=True)
    try:
        git("clone", "--quiet", ".", str(copy))
        _set_up(copy, state)
        scratch.mkdir(parents=True, exist_ok=True)
        (copy / ".gradus").symlink_to(scratch)
        yield copy
        shutil.rmtree(scratch, ignore_errors=True)
    finally:
        shutil.rmtree(copy, ignore_errors=True)


def _set_up(copy: Path, state: Snapshot) -> None:
    """Give a fresh clone the state, the author's name, the own text and the DVC settings of this repository."""
    git("-C", str(copy), "reset", "--quiet", "--hard", state.commit)
    if state.changes:
        subprocess.run(["git", "apply", "-"], cwd=copy, input=state.changes, check=True, capture_output=True)
    for key in ("user.name", "user.email"):
        if value := git("config", "--default", "", "--get", key).strip():
            git("-C", str(copy), "config", key, value)
    if (local := Path(".dvc/config.local")).exists():
        shutil.copy(local, copy / ".dvc")
    dvc("config", "--local", "cache.dir", state.cache, folder=copy)
    if OWN.exists():
        shutil.copytree(OWN, copy / OWN, dirs_exist_ok=True)


def _remove_abandoned() -> None:
    oldest = time.time() - KEPT_DAYS * 24 * 3600
    for scratch in SCRATCH.glob("*"):  # a checkpoint's writing renews the time of its folder
        with suppress(FileNotFoundError):  # another recipe has just removed its own
            if scratch.stat().st_mtime < oldest:
                shutil.rmtree(scratch)
