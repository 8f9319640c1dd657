"""Move a finished file or folder to its final path in one step."""

import ctypes
import errno
import os
import sys
from pathlib import Path

_EXCHANGE = 2  # RENAME_EXCHANGE of Linux's renameat2(2)
_CURRENT_FOLDER = -100  # AT_FDCWD: paths are relative to the current folder


def move_into_place(part: Path, place: Path) -> None:
    """Move `part` to `place`; if `place` exists, move its earlier content to `part`.

    If the process is killed, `place` has either its earlier content or its new content.

    Some systems cannot exchange two names in one step. On these systems, a killed process can leave nothing at `place`.
    The earlier content is then at the path of `part` with the suffix `.old`.
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
        os.fsync(folder)  # without this, a power failure could undo the rename
    finally:
        os.close(folder)


def _exchange(one: Path, other: Path) -> bool:
    """Exchange two paths in one step; return False if the kernel or the file system does not support this."""
    if sys.platform != "linux":
        return False
    # Through ctypes, because Python's `os` module has no exchange of two names.
    library = ctypes.CDLL(None, use_errno=True)
    if not hasattr(library, "renameat2"):
        return False
    if not library.renameat2(_CURRENT_FOLDER, os.fsencode(one), _CURRENT_FOLDER, os.fsencode(other), _EXCHANGE):
        return True
    code = ctypes.get_errno()
    if code in (errno.ENOSYS, errno.EINVAL, errno.ENOTSUP):
        return False
    raise OSError(code, os.strerror(code), str(other))
