"""Write outputs whole or not at all, and replace only files and folders that gradus wrote.

An output is written to a temporary path beside its place and moved there at the end. Until then, an earlier output
stays as it was.
"""

import os
import stat
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from gradus.artifacts.rename import move_into_place
from gradus.artifacts.seals import holds_only_sealed_files, write_seal
from gradus.artifacts.temporary import temporary_beside
from gradus.errors import InputError

IsOurs = Callable[[Path], bool]
"""Test of whether gradus wrote an existing file or folder."""


@contextmanager
def new_folder(path: Path, kind: str, *, inputs: Iterable[Path] = (), replace: bool = True) -> Iterator[Path]:
    """Yield an empty folder; seal it and move it to `path` when the block succeeds.

    If the block fails, or the process is killed, `path` stays as it was. Enter the block before the work begins, so
    that a wrong `path` is refused at once.

    Args:
        path: the new folder.
        kind: kind of its content, for the seal and for messages.
        inputs: files and folders that the work reads, which must not be overwritten.
        replace: whether an earlier output may be replaced. Stages allow it; a user's command needs `--force`.
    Raises:
        InputError: if `path` is or contains an input, or exists and was not written by gradus.
    """
    with unsealed_folder(path, holds_only_sealed_files, inputs=inputs, replace=replace) as part:
        yield part
        write_seal(part, kind)


@contextmanager
def unsealed_folder(
    path: Path, is_ours: IsOurs, *, inputs: Iterable[Path] = (), replace: bool = True
) -> Iterator[Path]:
    """Yield a folder as `new_folder` does, but without a seal; `is_ours` recognises an earlier output."""
    place = _resolved_place(path, inputs)
    if place.exists() and not place.is_dir():
        raise _refusal(path, "a file")
    if place == Path.cwd() or place in Path.cwd().parents:
        raise _refusal(path, "the current folder, or a folder above it")
    _require_free(path, place, is_ours, replace)
    with temporary_beside(place) as part:
        part.mkdir()
        yield part
        _require_free(path, place, is_ours, replace)  # again, because the user may have put files there meanwhile
        _write_to_disk(part)
        move_into_place(part, place)


@contextmanager
def new_file(path: Path, is_ours: IsOurs, *, inputs: Iterable[Path] = (), replace: bool = True) -> Iterator[Path]:
    """Yield the path of a new file; move the file to `path` when the block succeeds, as `new_folder` does.

    The yielded path has the suffix of `path`. A pipe or a device, such as `/dev/stdout`, is yielded itself.

    Args:
        path: the new file.
        is_ours: test of whether gradus wrote the file at `path`; an empty file may be replaced without this test.
        inputs: as in `new_folder`.
        replace: as in `new_folder`.
    Raises:
        InputError: as in `new_folder`.
    """
    if _is_stream(path):
        yield path
        return
    place = _resolved_place(path, inputs)
    if place.is_dir():
        raise _refusal(path, "a folder")
    _require_free(path, place, is_ours, replace)
    with temporary_beside(place) as part:
        yield part
        _require_free(path, place, is_ours, replace)
        _write_to_disk(part)
        move_into_place(part, place)


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


def overlap(place: Path, source: Path) -> str | None:
    """Return how an output would overwrite an input, or None; both paths are resolved."""
    if place == source:
        return "the input itself"
    if place in source.parents:
        return f"a folder that holds the input {source}"
    if source in place.parents and source.is_dir():
        return f"a place inside the input {source}"
    return None


def _resolved_place(path: Path, inputs: Iterable[Path]) -> Path:
    """Return a path with all links followed, after checking that no input would be overwritten."""
    place = _resolved(path)
    for source in inputs:
        if how := overlap(place, _resolved(source)):
            raise _refusal(path, how)
    return place


def _resolved(path: Path) -> Path:
    try:
        return path.resolve()
    except (RuntimeError, OSError):  # Python 3.11 raises a RuntimeError for a circle
        raise _refusal(path, "links that lead in a circle") from None


def _require_free(path: Path, place: Path, is_ours: IsOurs, replace: bool) -> None:
    """Refuse a place that holds anything but an empty file, an empty folder or an output that may be replaced."""
    if not place.exists() or _is_empty(place):
        return
    if not is_ours(place):
        raise _refusal(path, "a file or folder that gradus did not write")
    if not replace:
        found, remedy = "an earlier output of gradus", "give --force to replace it"
        raise InputError(path, expected="a new or an empty place", found=found, remedy=remedy)


def _is_empty(place: Path) -> bool:
    """Say whether a place is an empty regular file or an empty folder."""
    return not any(place.iterdir()) if place.is_dir() else place.is_file() and place.stat().st_size == 0


def _is_stream(path: Path) -> bool:
    """Say whether a path is a pipe or a device."""
    return path.exists() and not stat.S_ISREG(mode := path.stat().st_mode) and not stat.S_ISDIR(mode)


def _refusal(path: Path, found: str) -> InputError:
    expected = "a new or an empty place, or an earlier output of gradus"
    return InputError(path, expected=expected, found=found, remedy="choose another place")


def _write_to_disk(part: Path) -> None:
    """Make the system write a file, or a folder with its content, to the disk."""
    for path in [*part.rglob("*"), part] if part.is_dir() else [part]:
        file = os.open(path, os.O_RDONLY)
        try:
            os.fsync(file)
        finally:
            os.close(file)
