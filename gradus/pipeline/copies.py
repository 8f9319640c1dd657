"""Copies of the repository in which experiments run.

`dvc exp run` stashes what is not committed, changes params.yaml and detaches HEAD for some seconds, also with --temp;
a kill leaves the folder so. In a copy there is nothing to lose.
"""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gradus.pipeline.dvc import dvc, git

COPIES = Path(".dvc/tmp/gradus")
OWN = Path("data/own")


@contextmanager
def copied(name: str) -> Iterator[Path]:
    """Yield a clone of the repository at the current folder, with its uncommitted changes, own text and DVC cache.

    It is removed at the end; that of a process that was killed is removed first.

    Raises:
        RunError: if git or DVC fails.
    """
    copy = COPIES.absolute() / name
    shutil.rmtree(copy, ignore_errors=True)
    try:
        git("clone", "--quiet", ".", str(copy))
        _apply_changes(copy)
        for key in ("user.name", "user.email"):
            if value := git("config", "--default", "", "--get", key).strip():
                git("-C", str(copy), "config", key, value)
        if (local := Path(".dvc/config.local")).exists():
            shutil.copy(local, copy / ".dvc")
        dvc("config", "--local", "cache.dir", dvc("cache", "dir").strip(), folder=copy)
        if OWN.exists():
            shutil.copytree(OWN, copy / OWN, dirs_exist_ok=True)
        yield copy
    finally:
        shutil.rmtree(copy, ignore_errors=True)


def _apply_changes(copy: Path) -> None:
    """Make the changes in the copy that are not committed here."""
    changes = subprocess.run(["git", "diff", "--binary", "HEAD"], check=True, capture_output=True).stdout
    if changes:
        subprocess.run(["git", "apply", "-"], cwd=copy, input=changes, check=True, capture_output=True)
