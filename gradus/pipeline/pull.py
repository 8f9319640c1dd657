"""Outputs from a DVC remote: only what dvc.lock names, within its sizes, with its sums, in its folders."""

import re
import resource
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gradus.errors import InputError, RunError
from gradus.pipeline.dvc import dvc, environment

_OWN = 1 << 30  # bytes that a file of DVC's own may have, such as its database


def pull(lock: Path, remote: str) -> None:
    """Fetch and check out what is missing of the outputs that dvc.lock names; what the remote lacks stays missing.

    Args:
        lock: the file dvc.lock, in the current folder.
        remote: name of the remote, or empty for the default one.
    Raises:
        InputError: if there is no such remote, or DVC is not told to verify what it sends.
        RunError: if DVC fails, or the remote sends what dvc.lock does not name.
    """
    name = remote or _setting("core.remote") or ""
    if not name or _setting(f"remote.{name}.url") is None:
        raise InputError(
            "remote", expected="the name of a DVC remote", found=repr(name), remedy="dvc remote add --default NAME URL"
        )
    if (_setting(f"remote.{name}.verify") or "").lower() != "true":
        remedy = f"dvc config remote.{name}.verify true"
        raise InputError(f"remote {name}", expected="verify: true", found="another value, or none", remedy=remedy)
    command = [sys.executable, "-m", "gradus.pipeline.guarded_dvc", "pull", "--allow-missing", "--remote", name]
    with _files_at_most(_largest(lock) + _OWN):
        done = subprocess.run(command, env=environment(), stdin=subprocess.DEVNULL)
    if done.returncode:
        raise RunError(f"dvc pull failed with exit code {done.returncode}; the lines above say why")


def _setting(name: str) -> str | None:
    try:
        return dvc("config", name).strip()
    except RunError:  # it is not set
        return None


def _largest(lock: Path) -> int:
    """Return the largest size that a lock file records; for a bound, its lines say enough."""
    if not lock.is_file():
        raise InputError(lock, expected="the record of a run", found="no file", remedy="run dvc repro")
    return max(map(int, re.findall(rb"^ *size: ([0-9]{1,18})$", lock.read_bytes(), re.MULTILINE)), default=0)


@contextmanager
def _files_at_most(size: int) -> Iterator[None]:
    """Let no process that is started meanwhile write a larger file."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    bounds = [bound for bound in (size, soft, hard) if bound != resource.RLIM_INFINITY]
    resource.setrlimit(resource.RLIMIT_FSIZE, (min(bounds), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
