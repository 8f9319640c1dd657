"""DVC's lists of the files that its commands read and write, which a killed command leaves as half a JSON file."""

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
_PATIENCE = 10.0  # seconds that another DVC command may hold a lock of its own


def mend_claims() -> list[str]:
    """Mend the lists of DVC's commands and of its experiments; return a line for each that was mended.

    Raises:
        RunError: if another DVC command holds one of them for long.
    """
    lines = []
    for folder in (DVC_TEMPORARY, DVC_TEMPORARY / "exps"):
        if (folder / "rwlock").is_file():
            with held(folder / "rwlock.lock"):
                lines += _mend(folder / "rwlock")
    return lines


def _mend(path: Path) -> list[str]:
    """Drop what is no JSON, and the claims of processes that ended."""
    try:
        claims = json.loads(path.read_bytes())
        living = {kind: _living(files) for kind, files in claims.items()}
    except (OSError, ValueError, TypeError, AttributeError, KeyError, RecursionError):
        claims, living = None, {}
    if claims == living:
        return []
    with new_file(path, lambda _: True) as part:
        write_text(part, json.dumps(living))
    return [f"mended {path} ({'no JSON' if claims is None else 'claims of processes that ended'})"]


def _living(files: dict[str, Any]) -> dict[str, Any]:
    """Return the claims of living DVC processes; a file has one writer, or a list of readers."""
    found = {
        file: list(filter(_is_dvc, claim)) if isinstance(claim, list) else claim
        for file, claim in files.items()
        if isinstance(claim, list) or _is_dvc(claim)
    }
    return {file: claim for file, claim in found.items() if claim}


def _is_dvc(claim: dict[str, Any]) -> bool:
    """Say whether the process that made a claim lives; its number may be that of another program by now."""
    command = Path(f"/proc/{int(claim['pid'])}/cmdline")
    if Path("/proc/self").exists():
        return command.exists() and b"dvc" in command.read_bytes()
    try:
        os.kill(int(claim["pid"]), 0)
    except OSError:
        return False
    return True


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Hold one of DVC's own locks, so that no DVC command writes meanwhile."""
    if not path.parent.is_dir():
        yield
        return
    with path.open("a") as file:
        deadline = time.monotonic() + _PATIENCE
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise RunError("another DVC command is at work here; wait until it ends") from None
                time.sleep(0.05)
        yield
