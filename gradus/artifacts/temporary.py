"""Make temporary folders beside outputs, and remove the temporary folders of killed processes."""

import fcntl
import glob
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from gradus.errors import InputError

_SUFFIX = ".gradus.part"
"""Suffix of the name of every temporary folder."""

_MARK, _MARK_TEXT = "gradus.part", "A gradus command writes here, or did when it was stopped.\n"
"""Name and content of a file that marks a folder as a temporary folder of gradus."""


@contextmanager
def temporary_beside(place: Path) -> Iterator[Path]:
    """Yield an unused path in a new temporary folder beside `place`; remove the folder after the block.

    The temporary folder is on the same file system as `place`, so that the caller can move the result to `place` in one
    step. Temporary folders that killed processes left beside `place` are removed first.

    Args:
        place: the resolved path of an output. Missing parent folders are made; they are removed again if they stay
            empty.
    Raises:
        InputError: if one of the parents is a file.
    """
    missing = [folder for folder in place.parents if not folder.exists()]
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError) as error:
        found = f"a file ({error.filename})"
        raise InputError(place, expected="folders above it", found=found, remedy="choose another place") from None
    clear_leftovers(place.parent, glob.escape(place.name))
    folder, lock = _new_locked_folder(place)
    try:
        (folder / _MARK).write_text(_MARK_TEXT, encoding="utf-8", newline="\n")
        (folder / "new").mkdir()
        yield folder / "new" / place.name
    except OSError as error:
        error.filename = error.filename or str(place)  # a failed write to a full disk does not name the file
        raise
    finally:
        _remove(folder)
        os.close(lock)
        for parent in missing:
            with suppress(OSError):  # not empty: it holds the result
                parent.rmdir()


def clear_leftovers(folder: Path, names: str) -> None:
    """Remove the temporary folders that killed processes left in a folder.

    Args:
        folder: the folder that contains the outputs.
        names: a glob pattern for the names of the outputs.
    """
    for temporary in folder.glob(f".{names}.????????{_SUFFIX}"):
        _clear_if_abandoned(temporary)


def _new_locked_folder(place: Path) -> tuple[Path, int]:
    """Make a temporary folder and lock it; return the folder and the lock. The lock ends when this process ends."""
    while True:  # another process may remove the folder before it is locked
        folder = Path(tempfile.mkdtemp(dir=place.parent, prefix=f".{place.name}.", suffix=_SUFFIX))
        if (lock := _lock(folder, fcntl.LOCK_EX)) is not None:
            return folder, lock


def _clear_if_abandoned(folder: Path) -> None:
    """Remove a temporary folder if no process has locked it, and if it is empty or contains the file `_MARK`."""
    lock = _lock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
    if lock is None:
        return
    mark = folder / _MARK
    if mark.is_file() and mark.read_bytes() == _MARK_TEXT.encode() or not any(folder.iterdir()):
        _remove(folder)
    os.close(lock)


def _lock(folder: Path, how: int) -> int | None:
    """Lock a folder and return the open lock; return None if another process has locked or removed the folder."""
    try:
        file = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:
        return None
    with suppress(OSError):
        fcntl.flock(file, how)
        if os.path.samestat(os.fstat(file), folder.stat()):  # false if the folder was replaced after `os.open`
            return file
    os.close(file)
    return None


def _remove(folder: Path) -> None:
    """Remove a temporary folder; remove its file `_MARK` last, so that an interrupted removal can be finished later."""
    for content in folder.iterdir():
        if content.name != _MARK:
            shutil.rmtree(content) if content.is_dir() and not content.is_symlink() else content.unlink()
    (folder / _MARK).unlink(missing_ok=True)
    folder.rmdir()
