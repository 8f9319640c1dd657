"""Seals: files by which gradus recognises and checks its own output folders.

A seal is the file `gradus.seal` in a folder. It lists the size and the SHA-256 of every other file of the folder, so
that truncated and damaged files are detected. It is no signature: anyone can write one, so readers also check the
structure of the files.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any

from gradus.artifacts.inputs import parse_json, read_bytes, require_regular
from gradus.errors import InputError

SEAL = "gradus.seal"
FORMAT = 1
"""Version of the seal's format; other versions are refused."""

REMEDY = "make it again (dvc repro)"

_MOST_BYTES = 1 << 24  # of a seal; 2 MB list ten thousand files
_THREADS = 2  # `hashlib` releases the interpreter lock, so threads hash at the same time
_SMALL = 1 << 20  # bytes that are hashed in less time than threads take to start


@dataclass(frozen=True)
class Seal:
    """Content of a well-formed seal."""

    folder: Path
    kind: str
    """Kind of the folder's content, such as "n-gram models"."""
    files: Mapping[str, tuple[int, str]]
    """Size in bytes and SHA-256 of every file, by its path in the folder."""

    def names(self, suffix: str) -> list[str]:
        """Return the files whose names end with a suffix, sorted."""
        return sorted(name for name in self.files if name.endswith(suffix))


def write_seal(folder: Path, kind: str) -> None:
    """Write the seal of a folder.

    Args:
        folder: a folder with all its files.
        kind: kind of their content.
    """
    names = sorted(_files(folder))
    sizes = [(folder / name).stat().st_size for name in names]
    sums = _sums([folder / name for name in names], sum(sizes), REMEDY)
    files = {name: {"bytes": size, "sha256": sha256} for name, size, sha256 in zip(names, sizes, sums, strict=True)}
    text = json.dumps({"gradus": FORMAT, "kind": kind, "files": files}, indent=1)
    (folder / SEAL).write_text(text + "\n", encoding="utf-8")


def open_sealed(folder: Path, kind: str, *, sums: bool = True, remedy: str = REMEDY) -> Seal:
    """Read the seal of a folder and compare every listed file with it.

    Args:
        folder: a folder written by `new_folder`.
        kind: expected kind of its content.
        sums: whether to compare SHA-256 sums too, or sizes only.
        remedy: advice to the reader, for errors.
    Raises:
        InputError: if the seal is missing, or of another version or kind, or a file is missing or differs.
    """
    if not folder.is_dir():
        found = "no folder" if not folder.exists() else "a file"
        raise InputError(folder, expected=f"a folder of {kind}", found=found, remedy=remedy)
    seal = _read(folder, remedy)
    if seal.kind != kind:
        raise InputError(folder, expected=kind, found=seal.kind, remedy="name another folder, or make it again")
    for name, (size, _) in seal.files.items():
        _require_size(folder / name, size, remedy)
    if sums:
        found_sums = _sums([folder / name for name in seal.files], sum(size for size, _ in seal.files.values()), remedy)
        for (name, (_, expected)), found in zip(seal.files.items(), found_sums, strict=True):
            if found != expected:
                raise InputError(folder / name, expected=f"SHA-256 {expected}", found=found, remedy=remedy)
    return seal


def holds_only_sealed_files(folder: Path) -> bool:
    """Say whether a folder has a seal that lists all its files, even if listed files are damaged or missing.

    Only then may gradus replace the folder: a file outside the list is the user's.
    """
    try:
        listed = {*_read(folder, REMEDY).files, SEAL}
    except (InputError, OSError):
        return False
    folders = {str(parent) for name in listed for parent in PurePosixPath(name).parents}
    return all(
        path.relative_to(folder).as_posix() in (folders if path.is_dir() and not path.is_symlink() else listed)
        for path in folder.rglob("*")
    )


def _files(folder: Path) -> Iterable[str]:
    """Return the paths of all files in a folder, except its seal."""
    return (path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file() and path.name != SEAL)


def _sums(paths: Sequence[Path], size: int, remedy: str) -> list[str]:
    """Return the SHA-256 of each file; `size` is the number of bytes of all."""
    if size < _SMALL:
        return [_sha256(path, remedy) for path in paths]
    with ThreadPoolExecutor(_THREADS) as pool:
        return list(pool.map(partial(_sha256, remedy=remedy), paths))


def _sha256(path: Path, remedy: str) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise InputError(path, expected="a file", found=str(error.strerror), remedy=remedy) from None


def _require_size(path: Path, size: int, remedy: str) -> None:
    require_regular(path, f"{size} bytes, as sealed", remedy)
    if (found := path.stat().st_size) != size:
        raise InputError(path, expected=f"{size} bytes, as sealed", found=f"{found} bytes", remedy=remedy)


def _read(folder: Path, remedy: str) -> Seal:
    """Read the seal of a folder without looking at the other files."""
    path = folder / SEAL
    content = read_bytes(path, "a seal of gradus", remedy, most=_MOST_BYTES)
    try:
        return _parse(folder, parse_json(content))
    except ValueError as error:
        raise InputError(path, expected=f"a seal of format {FORMAT}", found=str(error), remedy=remedy) from None


def _parse(folder: Path, content: Any) -> Seal:
    """Check the JSON of a seal; raise ValueError if it is malformed."""
    if not isinstance(content, dict) or content.get("gradus") != FORMAT:
        raise ValueError("another format")
    kind, files = content.get("kind"), content.get("files")
    if not isinstance(kind, str) or not isinstance(files, dict):
        raise ValueError("a seal without a kind or without files")
    return Seal(folder, kind, {name: _entry(name, about) for name, about in files.items()})


def _entry(name: str, about: Any) -> tuple[int, str]:
    """Return the size and SHA-256 of one file from its entry in a seal."""
    place = PurePosixPath(name)
    if place.is_absolute() or ".." in place.parts or place.as_posix() != name or "\0" in name:
        raise ValueError(f"a file outside the folder: {name!r}")
    if not isinstance(about, dict) or set(about) != {"bytes", "sha256"}:
        raise ValueError(f"no size and SHA-256 for {name!r}")
    size, sha256 = about["bytes"], about["sha256"]
    if type(size) is not int or size < 0 or not re.fullmatch("[0-9a-f]{64}", str(sha256)):
        raise ValueError(f"no size and SHA-256 for {name!r}")
    return size, sha256
