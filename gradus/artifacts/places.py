"""Write a complete output or nothing, and replace only files and folders that gradus wrote.

An output is first written to a temporary path in the same folder, and then moved to its final path. Until this move,
an earlier output at the final path stays unchanged.
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
"""Function that tells whether gradus wrote an existing file or folder."""


@contextmanager
def new_folder(path: Path, kind: str, *, inputs: Iterable[Path] = (), replace: bool = True) -> Iterator[Path]:
    """Yield an empty temporary folder; if the block succeeds, seal the folder and move it to `path`.

    To seal a folder is to write the file `gradus.seal`, which lists the hashes of all other files.

    If the block fails or the process is killed, `path` stays unchanged. Callers enter the block before the work begins,
    so that a wrong `path` is refused at once.

    Args:
        path: final path of the folder.
        kind: kind of content, which the seal names.
        inputs: files and folders that the block reads; an output must not overwrite them.
        replace: whether an earlier output may be replaced. Stages always replace; commands need the option `--force`.
    Raises:
        InputError: if the output would overwrite an input, or if `path` exists and gradus did not write it.
    """
    with unsealed_folder(path, holds_only_sealed_files, inputs=inputs, replace=replace) as part:
        yield part
        write_seal(part, kind)


@contextmanager
def unsealed_folder(
    path: Path, is_ours: IsOurs, *, inputs: Iterable[Path] = (), replace: bool = True
) -> Iterator[Path]:
    """Do the same as `new_folder`, but write no seal (list of hashes). `is_ours` recognises an earlier output."""
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
    """Yield a temporary path; if the block succeeds, move the file at this path to `path`.

    The temporary path has the same suffix as `path`. If `path` is a pipe or a device, such as `/dev/stdout`, `path`
    itself is yielded.

    Args:
        path: final path of the file.
        is_ours: function that tells whether gradus wrote the file at `path`. An empty file may always be replaced.
        inputs: files and folders that the block reads; an output must not overwrite them.
        replace: whether an earlier output may be replaced.
    Raises:
        InputError: if the output would overwrite an input, or if `path` exists and gradus did not write it.
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
        _require_free(path, place, is_ours, replace)  # again, as in `unsealed_folder`
        _write_to_disk(part)  # before the move: after a crash, `place` must not name a file without its content
        move_into_place(part, place)


def begins_with(mark: bytes) -> IsOurs:
    """Return a function for `new_file`; the function tells whether a file begins with the bytes `mark`."""

    def is_ours(path: Path) -> bool:
        if not path.is_file():
            return False
        with path.open("rb") as file:
            return file.read(len(mark)) == mark

    return is_ours


def write_text(path: Path, text: str) -> None:
    """Write a text file in UTF-8 with LF line ends."""
    path.write_text(text, encoding="utf-8", newline="\n")


def overlap(place: Path, source: Path) -> str | None:
    """Say how an output at `place` would overwrite the input `source`, or return None if it would not.

    Both paths must be resolved.
    """
    if place == source:
        return "the input itself"
    if place in source.parents:
        return f"a folder that contains the input {source}"
    if source in place.parents and source.is_dir():
        return f"a place inside the input {source}"
    return None


def _resolved_place(path: Path, inputs: Iterable[Path]) -> Path:
    """Follow all links of a path, and refuse the path if an output there would overwrite an input."""
    place = _resolved(path)
    for source in inputs:
        if how := overlap(place, _resolved(source)):
            raise _refusal(path, how)
    return place


def _resolved(path: Path) -> Path:
    try:
        return path.resolve()
    except (RuntimeError, OSError):  # Python 3.11 raises a RuntimeError for a circle
        raise _refusal(path, "a circle of links") from None


def _require_free(path: Path, place: Path, is_ours: IsOurs, replace: bool) -> None:
    """Refuse a path that exists, unless it is empty or an earlier output that may be replaced."""
    if not place.exists() or _is_empty(place):
        return
    if not is_ours(place):
        raise _refusal(path, "a file or folder that gradus did not write")
    if not replace:
        found, remedy = "an earlier output of gradus", "use --force to replace this output"
        raise InputError(path, expected="a new or an empty place", found=found, remedy=remedy)


def _is_empty(place: Path) -> bool:
    """Say whether a path is an empty regular file or an empty folder."""
    return not any(place.iterdir()) if place.is_dir() else place.is_file() and place.stat().st_size == 0


def _is_stream(path: Path) -> bool:
    """Say whether a path is a pipe or a device."""
    return path.exists() and not stat.S_ISREG(mode := path.stat().st_mode) and not stat.S_ISDIR(mode)


def _refusal(path: Path, found: str) -> InputError:
    expected = "a new or an empty place, or an earlier output of gradus"
    return InputError(path, expected=expected, found=found, remedy="choose another place")


def _write_to_disk(part: Path) -> None:
    """Flush a file, or a folder with all its files, to the disk."""
    for path in [*part.rglob("*"), part] if part.is_dir() else [part]:
        file = os.open(path, os.O_RDONLY)
        try:
            os.fsync(file)
        finally:
            os.close(file)
