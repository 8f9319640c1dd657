"""Write and verify seals, which mark the folders that gradus wrote and reveal damaged files.

A seal is the file `gradus.seal` in a folder. The seal lists the size and the SHA-256 of every other file in the folder.
A seal is not a signature: anyone can write a seal. Therefore readers also check the structure of the sealed files.
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
"""Version of the seal's format; readers refuse other versions."""

REMEDY = "make this output again (dvc repro)"

_MOST_BYTES = 1 << 24  # of a seal; 2 MB list ten thousand files
_THREADS = 2  # `hashlib` releases the interpreter lock, so threads hash at the same time
_SMALL = 1 << 20  # bytes that are hashed in less time than threads take to start


@dataclass(frozen=True)
class Seal:
    """Content of a seal, which lists the files of a folder."""

    folder: Path
    kind: str
    """Kind of content in the folder, such as `n-gram models`."""
    files: Mapping[str, tuple[int, str]]
    """Dict from the path of a file, relative to the folder, to its size in bytes and its SHA-256."""

    def names(self, suffix: str) -> list[str]:
        """Return the sorted paths of all files whose names end with a suffix."""
        return sorted(name for name in self.files if name.endswith(suffix))


def write_seal(folder: Path, kind: str) -> None:
    """Write the seal of a folder, which lists the size and the SHA-256 of its files.

    Args:
        folder: a folder whose files are complete, because the seal is written last.
        kind: kind of content in the folder.
    """
    names = sorted(_files(folder))
    sizes = [(folder / name).stat().st_size for name in names]
    sums = _sums([folder / name for name in names], sum(sizes), REMEDY)
    files = {name: {"bytes": size, "sha256": sha256} for name, size, sha256 in zip(names, sizes, sums, strict=True)}
    text = json.dumps({"gradus": FORMAT, "kind": kind, "files": files}, indent=1)
    (folder / SEAL).write_text(text + "\n", encoding="utf-8")


def open_sealed(folder: Path, kind: str, *, sums: bool = True, remedy: str = REMEDY) -> Seal:
    """Read the seal of a folder, and compare every listed file with its entry in the seal.

    Args:
        folder: a folder written by `new_folder`.
        kind: expected kind of content.
        sums: whether to compare SHA-256 sums as well as sizes.
        remedy: what the user can do, for the error message.
    Raises:
        InputError: if the seal is missing or has another version or kind, or if a file is missing or changed.
    """
    if not folder.is_dir():
        found = "no folder" if not folder.exists() else "a file"
        raise InputError(folder, expected=f"a folder of {kind}", found=found, remedy=remedy)
    seal = _read(folder, remedy)
    if seal.kind != kind:
        raise InputError(
            folder, expected=kind, found=seal.kind, remedy="name another folder, or make this folder again"
        )
    for name, (size, _) in seal.files.items():
        _require_size(folder / name, size, remedy)
    if sums:
        found_sums = _sums([folder / name for name in seal.files], sum(size for size, _ in seal.files.values()), remedy)
        for (name, (_, expected)), found in zip(seal.files.items(), found_sums, strict=True):
            if found != expected:
                raise InputError(folder / name, expected=f"SHA-256 {expected}", found=found, remedy=remedy)
    return seal


def sealed_kind(folder: Path) -> str:
    """Return the kind of content in a folder, as its seal says; do not check the files.

    Raises:
        InputError: if the seal is missing or damaged.
    """
    return _read(folder, REMEDY).kind


def holds_only_sealed_files(folder: Path) -> bool:
    """Say whether the seal of a folder lists every file in the folder. Listed files may be damaged or missing.

    gradus replaces a folder only if the seal lists all files, because a file that the seal does not list belongs to
    the user.
    """
    try:
        listed = {*_read(folder, REMEDY).files, SEAL}
    except (InputError, OSError):
        return False
    folders = {str(parent) for name in listed for parent in PurePosixPath(name).parents}
    # A link to a folder counts as a file, because its content may belong to the user.
    return all(
        path.relative_to(folder).as_posix() in (folders if path.is_dir() and not path.is_symlink() else listed)
        for path in folder.rglob("*")
    )


def _files(folder: Path) -> Iterable[str]:
    """Return the relative paths of all files in a folder, except its seal. Folders inside can have their own seals."""
    own = folder / SEAL
    return (path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file() and path != own)


def _sums(paths: Sequence[Path], size: int, remedy: str) -> list[str]:
    """Return the SHA-256 of each file.

    Args:
        paths: the files.
        size: total size of the files in bytes. If the total is at least `_SMALL`, two threads read the files.
        remedy: what the user can do, for the error message.
    """
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
    require_regular(path, f"{size} bytes, as the seal says", remedy)
    if (found := path.stat().st_size) != size:
        raise InputError(path, expected=f"{size} bytes, as the seal says", found=f"{found} bytes", remedy=remedy)


def _read(folder: Path, remedy: str) -> Seal:
    """Read the seal of a folder; do not compare the files of the folder with the seal."""
    path = folder / SEAL
    content = read_bytes(path, "the seal of a folder that gradus wrote", remedy, most=_MOST_BYTES)
    try:
        return _parse(folder, parse_json(content))
    except ValueError as error:
        raise InputError(path, expected=f"a seal of format {FORMAT}", found=str(error), remedy=remedy) from None


def _parse(folder: Path, content: Any) -> Seal:
    """Parse the JSON value of a seal; raise ValueError if the value is malformed."""
    if not isinstance(content, dict) or content.get("gradus") != FORMAT:
        raise ValueError("another format")
    kind, files = content.get("kind"), content.get("files")
    if not isinstance(kind, str) or not isinstance(files, dict):
        raise ValueError("a seal without a kind or without a list of files")
    return Seal(folder, kind, {name: _entry(name, about) for name, about in files.items()})


def _entry(name: str, about: Any) -> tuple[int, str]:
    """Parse the entry of one file in a seal; return the size in bytes and the SHA-256."""
    place = PurePosixPath(name)
    # Only the spelling of `_files`: other spellings of a path would not be found among the files of the folder.
    if place.is_absolute() or ".." in place.parts or place.as_posix() != name or "\0" in name:
        raise ValueError(f"a file outside the folder: {name!r}")
    if not isinstance(about, dict) or set(about) != {"bytes", "sha256"}:
        raise ValueError(f"an entry without size and SHA-256 for {name!r}")
    size, sha256 = about["bytes"], about["sha256"]
    # `type`, because `isinstance` would accept true and false.
    if type(size) is not int or size < 0 or not re.fullmatch("[0-9a-f]{64}", str(sha256)):
        raise ValueError(f"an entry without size and SHA-256 for {name!r}")
    return size, sha256
