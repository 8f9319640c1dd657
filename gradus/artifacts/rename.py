"""Move a finished file or folder to its place in one step."""

import ctypes
import errno
import os
import sys
from pathlib import Path

_EXCHANGE = 2  # RENAME_EXCHANGE of Linux's renameat2(2)
_CURRENT_FOLDER = -100  # AT_FDCWD: paths are relative to the current folder


def move_into_place(part: Path, place: Path) -> None:
    """Move `part` to `place`, and the earlier content of `place` to `part`.

    After a kill, `place` holds either its earlier content or the new one. Exception: on a system that cannot exchange
    two names, a kill between two renames leaves the earlier content beside `part`, named `.old`.
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
        os.fsync(folder)  # or a power failure could undo the rename
    finally:
        os.close(folder)


def _exchange(one: Path, other: Path) -> bool:
    """Exchange two names in one step; return False if the kernel or the file system cannot."""
    if sys.platform != "linux":
        return False
    library = ctypes.CDLL(None, use_errno=True)
    if not hasattr(library, "renameat2"):
        return False
    if not library.renameat2(_CURRENT_FOLDER, os.fsencode(one), _CURRENT_FOLDER, os.fsencode(other), _EXCHANGE):
        return True
    code = ctypes.get_errno()
    if code in (errno.ENOSYS, errno.EINVAL, errno.ENOTSUP):
        return False
    raise OSError(code, os.strerror(code), str(other))
