"""Put a finished file or folder in its place in one step, whatever stands there."""

import ctypes
import errno
import os
import sys
from pathlib import Path

_EXCHANGE = 2  # RENAME_EXCHANGE of Linux's renameat2(2)
_HERE = -100  # AT_FDCWD: paths are relative to the working folder


def put(part: Path, place: Path) -> None:
    """Move `part` to `place`; what stood there is at `part` afterwards.

    A kill leaves either the old content at `place` or the new one. Where the system cannot exchange two names,
    a kill between two renames leaves the old content at `part`.
    """
    if not place.exists():
        os.rename(part, place)
    elif not _exchange(part, place):
        aside = part.with_name(f"{part.name}.old")
        os.rename(place, aside)
        os.rename(part, place)
        os.rename(aside, part)
    folder = os.open(place.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _exchange(one: Path, other: Path) -> bool:
    """Swap two names at once; False where the kernel or the file system cannot."""
    if sys.platform != "linux":
        return False
    library = ctypes.CDLL(None, use_errno=True)
    if not hasattr(library, "renameat2"):
        return False
    if not library.renameat2(_HERE, os.fsencode(one), _HERE, os.fsencode(other), _EXCHANGE):
        return True
    code = ctypes.get_errno()
    if code in (errno.ENOSYS, errno.EINVAL, errno.ENOTSUP):
        return False
    raise OSError(code, os.strerror(code), str(other))
