"""Outputs from a DVC remote: only what dvc.lock names, within its sizes, with its sums, in its folders."""

import re
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gradus.errors import InputError
from gradus.pipeline.dvc import GUARDED_DVC, dvc_aloud
from gradus.pipeline.remote import required_remote

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
    name = required_remote(remote)
    with _files_at_most(_largest(lock) + _OWN):
        dvc_aloud("pull", "--allow-missing", "--remote", name, program=GUARDED_DVC)


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
