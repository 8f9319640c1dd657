"""Repair DVC's rwlock, a JSON file with the paths that running DVC commands read and write.

If a command is killed, its entries may stay in the file, or the file may be truncated. Every later DVC command then
fails.
"""

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from gradus.artifacts.places import new_file, write_text
from gradus.errors import RunError

DVC_TEMPORARY = Path(".dvc/tmp")
_LONGEST_WAIT = 10.0  # seconds; DVC holds these locks for milliseconds, unless a run is in progress


def mend_rwlocks() -> list[str]:
    """Repair DVC's two files `rwlock`: for stages and for experiments. Return one message per repaired file.

    Raises:
        RunError: if another DVC command locks one of the files for more than 10 seconds.
    """
    lines = []
    for folder in (DVC_TEMPORARY, DVC_TEMPORARY / "exps"):
        if (folder / "rwlock").is_file():
            with hold_lock(folder / "rwlock.lock"):
                lines += _mend(folder / "rwlock")
    return lines


def _mend(path: Path) -> list[str]:
    """Remove the entries of processes that have ended; replace invalid JSON with {}."""
    try:
        entries = json.loads(path.read_bytes())
        living = {kind: _living(files) for kind, files in entries.items()}
    except (OSError, ValueError, TypeError, AttributeError, KeyError, RecursionError):
        entries, living = None, {}
    if entries == living:
        return []
    with new_file(path, lambda _: True) as part:
        write_text(part, json.dumps(living))
    return [f"repaired {path} ({'invalid JSON' if entries is None else 'entries of processes that have ended'})"]


def _living(files: dict[str, Any]) -> dict[str, Any]:
    """Keep the entries of running DVC processes. The entry of a path names one writer or a list of readers."""
    kept = {
        file: list(filter(_is_dvc, users)) if isinstance(users, list) else users
        for file, users in files.items()
        if isinstance(users, list) or _is_dvc(users)
    }
    return {file: users for file, users in kept.items() if users}


def _is_dvc(process: dict[str, Any]) -> bool:
    """Return whether a process is a running DVC command. The argument is an entry of the file `rwlock`."""
    command = Path(f"/proc/{int(process['pid'])}/cmdline")
    if Path("/proc/self").exists():
        # The system reuses the ids of ended processes, so a running process with this id may be another program.
        return command.exists() and b"dvc" in command.read_bytes()
    try:
        os.kill(int(process["pid"]), 0)
    except OSError:
        return False
    return True


@contextmanager
def hold_lock(path: Path) -> Iterator[None]:
    """Hold one of the locks of DVC during the block, so that no DVC command writes at the same time.

    Raises:
        RunError: if another DVC command holds the lock for more than 10 seconds.
    """
    if not path.parent.is_dir():
        yield
        return
    with path.open("a") as file:
        deadline = time.monotonic() + _LONGEST_WAIT
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise RunError("another DVC command is running in this folder; wait until it ends") from None
                time.sleep(0.05)
        yield
