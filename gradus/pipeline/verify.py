"""Hash the outputs again and compare the hashes with dvc.lock.

DVC hashes a file again only if the file's size or modification time has changed. So DVC does not notice bytes that a
failing disk has changed, or that were written into DVC's cache through a link.
"""

import hashlib
import json
from collections.abc import Container, Iterator
from dataclasses import dataclass
from pathlib import Path

from gradus.pipeline.lock import read_entries

_IGNORED = ("__pycache__", ".pyc", ".part")  # endings of names that .dvcignore excludes


@dataclass(frozen=True, kw_only=True)
class Finding:
    """Result of the check of one output; `state` is `same`, `changed` or `missing`."""

    stage: str
    path: Path
    state: str


def verify(lock: Path, root: Path, stages: Container[str]) -> Iterator[Finding]:
    """Hash every output in a lock file again and compare the hash with the recorded hash.

    Args:
        lock: the file `dvc.lock`.
        root: folder that contains the outputs; the paths in the lock file are relative to this folder.
        stages: names of the stages in dvc.yaml. The lock file may also have entries of removed stages, which are
            skipped.
    Yields:
        One finding per output, in the order of the file.
    Raises:
        InputError: if the lock file is missing or damaged.
    """
    entries = read_entries(lock)
    for stage in filter(stages.__contains__, entries):
        for out in entries[stage].get("outs", []):
            path = root / out["path"]
            same = path.exists() and _hash_of(path) == out.get("md5")
            state = "same" if same else "changed" if path.exists() else "missing"
            yield Finding(stage=stage, path=Path(out["path"]), state=state)


def _hash_of(path: Path) -> str | None:
    try:
        return content_hash(path)
    except OSError:  # a failing disk; None counts as changed
        return None


def content_hash(path: Path) -> str:
    """Return DVC's hash of a file or a folder.

    The hash of a file is the MD5 of its bytes. The hash of a folder is the MD5 of a JSON list, followed by `.dir`. The
    list contains the hash and the relative path of each file in the folder, sorted by path.

    Source: DVC 3, `dvc_data.hashfile.tree.Tree.as_bytes`.
    """
    if path.is_file():
        return _md5(path)
    files = {file.relative_to(path).as_posix(): file for file in path.rglob("*") if file.is_file()}
    kept = sorted(name for name in files if not any(part.endswith(_IGNORED) for part in name.split("/")))
    listing = json.dumps([{"md5": _md5(files[name]), "relpath": name} for name in kept])
    return hashlib.md5(listing.encode(), usedforsecurity=False).hexdigest() + ".dir"


def _md5(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
