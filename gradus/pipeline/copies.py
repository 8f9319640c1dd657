"""Temporary clones of the repository in which experiments run.

`dvc exp run`, even with --temp, stashes uncommitted changes, edits params.yaml and detaches HEAD for some seconds. If
DVC were killed in that time, the user's folder would stay in that state. A kill in a clone leaves the user's folder
unchanged.
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
OWN_TEXT = Path("data/own")
SCRATCH = Path(".gradus/copies")
"""Folder that holds one scratch folder per experiment. The stages put locks and checkpoints into the scratch folder."""
KEPT_DAYS = 14
"""A scratch folder is removed if it has had no new checkpoint for this many days."""


@dataclass(frozen=True)
class Snapshot:
    """State of the tracked files when a recipe starts. Later edits of the files do not affect the recipe's runs."""

    commit: str
    changes: bytes
    """Uncommitted changes, in the format of `git apply`."""
    cache: str
    """Folder of DVC's cache, which all clones share."""


def snapshot() -> Snapshot:
    """Return the state of the repository in the current folder."""
    diff = ["git", "diff", "--binary", "HEAD"]
    changes = subprocess.run(diff, check=True, capture_output=True).stdout
    return Snapshot(commit_of("HEAD"), changes, dvc("cache", "dir").strip())


@contextmanager
def working_copy(name: str, state: Snapshot) -> Iterator[Path]:
    """Clone the repository in the current folder; yield the clone's path; remove the clone at the end of the block.

    The clone has a copy of `data/own` and shares the DVC cache of this repository. The path `.gradus` in the clone is a
    link to a scratch folder, which holds the checkpoints and locks of the stages. The scratch folder is removed only if
    the block succeeds, so a killed training resumes in the next clone of the same name. Each name has its own scratch
    folder, so that stages in different clones do not wait for each other's locks.

    Args:
        name: name of the clone. If a killed process has left a clone with this name, the old clone is replaced.
        state: commit and uncommitted changes to check out in the clone.
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
    """Check out a state in a new clone; also copy `data/own`, git's author name and DVC's local settings there."""
    # The user may have moved HEAD since the snapshot.
    git("-C", str(copy), "reset", "--quiet", "--hard", state.commit)
    if state.changes:
        subprocess.run(["git", "apply", "-"], cwd=copy, input=state.changes, check=True, capture_output=True)
    for key in ("user.name", "user.email"):
        if value := git("config", "--default", "", "--get", key).strip():
            git("-C", str(copy), "config", key, value)
    if (local := Path(".dvc/config.local")).exists():
        shutil.copy(local, copy / ".dvc")
    dvc("config", "--local", "cache.dir", state.cache, folder=copy)
    if OWN_TEXT.exists():
        shutil.copytree(OWN_TEXT, copy / OWN_TEXT, dirs_exist_ok=True)


def _remove_abandoned() -> None:
    """Remove the scratch folders that have had no new checkpoint for `KEPT_DAYS` days."""
    oldest = time.time() - KEPT_DAYS * 24 * 3600
    for scratch in SCRATCH.glob("*"):  # every new checkpoint renews the time of its folder
        with suppress(FileNotFoundError):  # another recipe may remove its folder at the same moment
            if scratch.stat().st_mtime < oldest:
                shutil.rmtree(scratch)
