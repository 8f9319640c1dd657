"""Where gradus may write, and how: what stands at a place is replaced whole, at the end, and only if it is ours."""

import fcntl
import glob
import os
import shutil
import stat
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from gradus.artifacts.rename import put
from gradus.artifacts.seals import holds_only_sealed_files, write_seal
from gradus.errors import InputError

IsOurs = Callable[[Path], bool]
"""Tells from a file or folder itself whether gradus wrote it."""

_SUFFIX = ".gradus.part"
"""How the name of a temporary folder ends."""

_MARK, _MARK_TEXT = "gradus.part", "A gradus command writes here, or did when it was stopped.\n"
"""File by which a temporary folder is known as one of gradus."""


@contextmanager
def new_folder(path: Path, kind: str, *, inputs: Iterable[Path] = (), replace: bool = True) -> Iterator[Path]:
    """Yield an empty folder that is sealed and takes the name `path` once the block ends well.

    Open it before the work begins, so that a place that must not be replaced is refused at once. A block that
    fails, or a process that is killed, leaves `path` as it was.

    Args:
        path: where the folder is to be.
        kind: of its content, for the seal and for messages.
        inputs: what the content is made from; never overwritten.
        replace: whether a folder of ours may be replaced. A stage may replace its own output, a person's command
            asks for `--force`.
    Raises:
        InputError: if `path` is or holds an input, or something stands there that gradus did not write.
    """
    with unsealed_folder(path, holds_only_sealed_files, inputs=inputs, replace=replace) as part:
        yield part
        write_seal(part, kind)


@contextmanager
def unsealed_folder(
    path: Path, is_ours: IsOurs, *, inputs: Iterable[Path] = (), replace: bool = True
) -> Iterator[Path]:
    """Yield a folder as `new_folder` does, without a seal: `is_ours` tells whether one that stands there is ours."""
    place = _place(path, inputs)
    if place.exists() and not place.is_dir():
        raise _refusal(path, "no folder")
    if place == Path.cwd() or place in Path.cwd().parents:
        raise _refusal(path, "the folder that you are in, or one above it")
    _require_free(path, place, is_ours, replace)
    with _beside(place) as part:
        part.mkdir()
        yield part
        _require_free(path, place, is_ours, replace)  # it may have been filled meanwhile
        _sync(part)
        put(part, place)


@contextmanager
def new_file(path: Path, is_ours: IsOurs, *, inputs: Iterable[Path] = (), replace: bool = True) -> Iterator[Path]:
    """Yield a file name that takes the name `path` once the block ends well, as `new_folder` does for folders.

    The name ends as that of `path` does. What is no regular file (a pipe, `/dev/stdout`) is written to directly.

    Args:
        path: where the file is to be.
        is_ours: tells whether a file that stands there, and is not empty, was written by gradus.
        inputs: what the content is made from.
        replace: whether a file of ours may be replaced.
    Raises:
        InputError: as `new_folder`.
    """
    if _is_stream(path):
        yield path
        return
    place = _place(path, inputs)
    if place.is_dir():
        raise _refusal(path, "a folder")
    _require_free(path, place, is_ours, replace)
    with _beside(place) as part:
        yield part
        _require_free(path, place, is_ours, replace)
        _sync(part)
        put(part, place)


def begins_with(mark: bytes) -> IsOurs:
    """Return a test of whether a file begins with some bytes, for `new_file`."""

    def is_ours(path: Path) -> bool:
        if not path.is_file():
            return False
        with path.open("rb") as file:
            return file.read(len(mark)) == mark

    return is_ours


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 text with LF line ends."""
    path.write_text(text, encoding="utf-8", newline="\n")


def clear_leftovers(folder: Path, names: str) -> None:
    """Remove what killed processes were writing in a folder for places whose names match a pattern."""
    for room in folder.glob(f".{names}.????????{_SUFFIX}"):
        _clear_if_abandoned(room)


def overlap(place: Path, source: Path) -> str | None:
    """Say how writing to a place would touch a source, both resolved; None if it would not."""
    if place == source:
        return "the input itself"
    if place in source.parents:
        return f"a folder that holds the input {source}"
    if source in place.parents and source.is_dir():
        return f"a place inside the input {source}"
    return None


def _place(path: Path, inputs: Iterable[Path]) -> Path:
    place = _resolved(path)
    for source in inputs:
        if how := overlap(place, _resolved(source)):
            raise _refusal(path, how)
    return place


def _resolved(path: Path) -> Path:
    try:
        return path.resolve()
    except (RuntimeError, OSError):  # the former is Python 3.11's for a loop
        raise _refusal(path, "links that lead in a circle") from None


def _require_free(path: Path, place: Path, is_ours: IsOurs, replace: bool) -> None:
    """Refuse a place that is neither absent, empty, nor ours and to be replaced."""
    if not place.exists() or _is_empty(place):
        return
    if not is_ours(place):
        raise _refusal(path, "something there that gradus did not write")
    if not replace:
        raise InputError(
            path,
            expected="a new or an empty place",
            found="what gradus wrote before",
            remedy="give --force to replace it",
        )


def _is_empty(place: Path) -> bool:
    """Say whether an empty file or folder stands at a place; a pipe or a device is neither."""
    return not any(place.iterdir()) if place.is_dir() else place.is_file() and place.stat().st_size == 0


def _is_stream(path: Path) -> bool:
    return path.exists() and not stat.S_ISREG(mode := path.stat().st_mode) and not stat.S_ISDIR(mode)


def _refusal(path: Path, found: str) -> InputError:
    return InputError(
        path, expected="a new or an empty place, or an earlier result", found=found, remedy="choose another place"
    )


@contextmanager
def _beside(place: Path) -> Iterator[Path]:
    """Yield a free name in a temporary folder beside a place; those of processes that died are removed first."""
    missing = [folder for folder in place.parents if not folder.exists()]
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError) as error:
        raise _refusal(place, f"a file where a folder is needed ({error.filename})") from None
    clear_leftovers(place.parent, glob.escape(place.name))
    room, lock = _locked_room(place)
    try:
        write_text(room / _MARK, _MARK_TEXT)
        (room / "new").mkdir()
        yield room / "new" / place.name
    except OSError as error:
        error.filename = error.filename or str(place)  # a write to a full disk does not say where
        raise
    finally:
        _remove_room(room)
        os.close(lock)
        for folder in missing:
            with suppress(OSError):  # it holds the result
                folder.rmdir()


def _locked_room(place: Path) -> tuple[Path, int]:
    """Make a temporary folder; return it and its lock, which the kernel frees when this process dies."""
    while True:
        room = Path(tempfile.mkdtemp(dir=place.parent, prefix=f".{place.name}.", suffix=_SUFFIX))
        if (lock := _lock(room, fcntl.LOCK_EX)) is not None:
            return room, lock


def _clear_if_abandoned(room: Path) -> None:
    lock = _lock(room, fcntl.LOCK_EX | fcntl.LOCK_NB)
    if lock is None:
        return
    mark = room / _MARK
    if mark.is_file() and mark.read_bytes() == _MARK_TEXT.encode() or not any(room.iterdir()):
        _remove_room(room)
    os.close(lock)


def _lock(room: Path, how: int) -> int | None:
    """Lock a folder; None if another process holds it, or removed it just before."""
    try:
        folder = os.open(room, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:
        return None
    with suppress(OSError):
        fcntl.flock(folder, how)
        if os.path.samestat(os.fstat(folder), room.stat()):
            return folder
    os.close(folder)
    return None


def _remove_room(room: Path) -> None:
    """Remove a temporary folder, its mark last, so that a removal which is cut short is known for what it is."""
    for content in room.iterdir():
        if content.name != _MARK:
            shutil.rmtree(content) if content.is_dir() and not content.is_symlink() else content.unlink()
    (room / _MARK).unlink(missing_ok=True)
    room.rmdir()


def _sync(part: Path) -> None:
    """Bring a file, or a folder with all it holds, to the disk."""
    for path in [*part.rglob("*"), part] if part.is_dir() else [part]:
        file = os.open(path, os.O_RDONLY)
        try:
            os.fsync(file)
        finally:
            os.close(file)
