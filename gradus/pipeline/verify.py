"""Hash the pipeline's outputs again and compare them with dvc.lock.

DVC trusts what it has hashed once: it notices a file that was edited, not one whose bytes rotted on the disk
or were written through a link into its cache.
"""

import hashlib
import json
from collections.abc import Container, Iterator
from dataclasses import dataclass
from pathlib import Path

from gradus.pipeline.lock import read_entries

_IGNORED = ("__pycache__", ".pyc", ".part")  # ends of names that .dvcignore keeps out of every folder


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One output of a stage and what became of it: `same`, `changed` or `missing`."""

    stage: str
    path: Path
    state: str


def verify(lock: Path, root: Path, stages: Container[str]) -> Iterator[Finding]:
    """Hash every output that a lock file names.

    Args:
        lock: the file `dvc.lock`.
        root: the folder that its paths are relative to.
        stages: names of the pipeline's stages; DVC keeps the entries of those that it had before.
    Yields:
        One finding per output, in the order of the file.
    Raises:
        InputError: if there is no lock file, or it is damaged.
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
    except OSError:  # a failing disk: what cannot be read is not what it was
        return None


def content_hash(path: Path) -> str:
    """Return DVC's hash of a file or a folder.

    A file's is the MD5 sum of its bytes. A folder's is that of the JSON list of its files' sums and relative
    paths, ordered by path, followed by `.dir`.

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
