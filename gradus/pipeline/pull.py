"""Download outputs from a DVC remote; check them against the paths, sizes and hashes in dvc.lock."""

import re
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gradus.errors import InputError
from gradus.pipeline.dvc import dvc_aloud
from gradus.pipeline.remote import required_remote

_LARGEST_DVC_FILE = 1 << 30  # bytes; DVC also writes files of its own, such as its database


def pull(lock: Path, remote: str) -> None:
    """Download the outputs of dvc.lock that are missing here. An output that the remote lacks stays missing.

    Args:
        lock: the file dvc.lock, in the current folder.
        remote: name of the remote; empty for the default one.
    Raises:
        InputError: if the remote does not exist, or its setting `verify` is not true.
        RunError: if DVC fails, or the remote sends files that dvc.lock does not list.
    """
    name = required_remote(remote)
    with _files_at_most(_largest(lock) + _LARGEST_DVC_FILE):
        dvc_aloud("pull", "--allow-missing", "--remote", name)


def _largest(lock: Path) -> int:
    """Return the largest size of an output in a lock file, in bytes."""
    if not lock.is_file():
        raise InputError(lock, expected="a lock file of DVC", found="no file", remedy="run dvc repro")
    # A search for `size:` is enough for an upper bound.
    return max(map(int, re.findall(rb"^ *size: ([0-9]{1,18})$", lock.read_bytes(), re.MULTILINE)), default=0)


@contextmanager
def _files_at_most(size: int) -> Iterator[None]:
    """Within the block, limit the size of each file that this process and its children write."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    # The limit stops an endless file early; DVC compares hashes only after a download.
    bounds = [bound for bound in (size, soft, hard) if bound != resource.RLIM_INFINITY]
    resource.setrlimit(resource.RLIMIT_FSIZE, (min(bounds), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
