"""Download of outputs from a DVC remote, checked against the paths, sizes and hashes of dvc.lock."""

import re
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gradus.errors import InputError
from gradus.pipeline.dvc import GUARDED_DVC, dvc_aloud
from gradus.pipeline.remote import required_remote

_LARGEST_DVC_FILE = 1 << 30  # bytes; DVC also writes files of its own, such as its database


def pull(lock: Path, remote: str) -> None:
    """Download missing outputs of dvc.lock; outputs that the remote lacks stay missing.

    Args:
        lock: the file dvc.lock, in the current folder.
        remote: name of the remote; empty for the default one.
    Raises:
        InputError: if there is no such remote, or its setting `verify` is not true.
        RunError: if DVC fails, or the remote sends files that dvc.lock does not list.
    """
    name = required_remote(remote)
    with _files_at_most(_largest(lock) + _LARGEST_DVC_FILE):
        dvc_aloud("pull", "--allow-missing", "--remote", name, program=GUARDED_DVC)


def _largest(lock: Path) -> int:
    """Return the largest output size in a lock file; as an upper bound it needs no exact parsing."""
    if not lock.is_file():
        raise InputError(lock, expected="a lock file of DVC", found="no file", remedy="run dvc repro")
    return max(map(int, re.findall(rb"^ *size: ([0-9]{1,18})$", lock.read_bytes(), re.MULTILINE)), default=0)


@contextmanager
def _files_at_most(size: int) -> Iterator[None]:
    """Limit the size of files that this process and its children write within the block."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    # The limit stops an endless file early; DVC compares hashes only after a download.
    bounds = [bound for bound in (size, soft, hard) if bound != resource.RLIM_INFINITY]
    resource.setrlimit(resource.RLIMIT_FSIZE, (min(bounds), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
