"""The seal of a folder: size and SHA-256 of every file in it, checked whenever the folder is read.

A seal tells rot and truncation, and it tells which folders are gradus's own. It does not tell who wrote them:
readers check the structure of what they read as well.
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
"""Version of the seal; another one is refused."""

REMEDY = "make it again (dvc repro)"

_MOST_BYTES = 1 << 24  # of a seal; one of ten thousand files takes 2 MB
_THREADS = 2  # hashing lets go of the interpreter
_LITTLE = 1 << 20  # bytes that are hashed before a thread has started


@dataclass(frozen=True)
class Seal:
    """What a seal says, once it is known to be well-formed."""

    folder: Path
    kind: str
    """Kind of the content, such as "n-gram models"."""
    files: Mapping[str, tuple[int, str]]
    """Bytes and SHA-256 of every file, by its path in the folder."""

    def names(self, suffix: str) -> list[str]:
        """Return the files whose names end so, sorted."""
        return sorted(name for name in self.files if name.endswith(suffix))


def write_seal(folder: Path, kind: str) -> None:
    """Seal a folder: list every file in it, the seal excepted."""
    names = sorted(_files(folder))
    sizes = [(folder / name).stat().st_size for name in names]
    sums = _sums([folder / name for name in names], sum(sizes), REMEDY)
    files = {name: {"bytes": size, "sha256": sha256} for name, size, sha256 in zip(names, sizes, sums, strict=True)}
    text = json.dumps({"gradus": FORMAT, "kind": kind, "files": files}, indent=1)
    (folder / SEAL).write_text(text + "\n", encoding="utf-8")


def open_sealed(folder: Path, kind: str, *, sums: bool = True, remedy: str = REMEDY) -> Seal:
    """Read the seal of a folder and check every file that it lists.

    Args:
        folder: what `new_folder` wrote.
        kind: what it is to hold.
        sums: whether to check the SHA-256 sums too, or the sizes alone.
        remedy: what the reader can do about a folder that is refused.
    Raises:
        InputError: if there is no seal of this version and kind, or a file is missing or not as it was written.
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
    """Say whether a folder is sealed and holds nothing that its seal does not list: gradus's own, whole or broken."""
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
    return (path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file() and path.name != SEAL)


def _sums(paths: Sequence[Path], size: int, remedy: str) -> list[str]:
    """Return the sums of files of so many bytes together."""
    if size < _LITTLE:
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
    path = folder / SEAL
    content = read_bytes(path, "a folder sealed by gradus", remedy, most=_MOST_BYTES)
    try:
        return _parse(folder, parse_json(content))
    except ValueError as error:
        raise InputError(path, expected=f"a seal of format {FORMAT}", found=str(error), remedy=remedy) from None


def _parse(folder: Path, content: Any) -> Seal:
    """Check the content of a seal; whatever is wrong raises ValueError."""
    if not isinstance(content, dict) or content.get("gradus") != FORMAT:
        raise ValueError("another version")
    kind, files = content.get("kind"), content.get("files")
    if not isinstance(kind, str) or not isinstance(files, dict):
        raise ValueError("no kind, or no files")
    return Seal(folder, kind, {name: _entry(name, about) for name, about in files.items()})


def _entry(name: str, about: Any) -> tuple[int, str]:
    place = PurePosixPath(name)
    if place.is_absolute() or ".." in place.parts or place.as_posix() != name or "\0" in name:
        raise ValueError(f"a file outside the folder: {name!r}")
    if not isinstance(about, dict) or set(about) != {"bytes", "sha256"}:
        raise ValueError(f"no size and sum of {name!r}")
    size, sha256 = about["bytes"], about["sha256"]
    if type(size) is not int or size < 0 or not re.fullmatch("[0-9a-f]{64}", str(sha256)):
        raise ValueError(f"no size and sum of {name!r}")
    return size, sha256
