"""DVC that checks what a remote sends: `python -m gradus.pipeline.guarded_dvc pull`, and every other DVC command.

DVC 3.67 reads the list of a folder's files from a remote, compares it with nothing, `verify` set or not, and writes
each file to the path that the list names, in the folder or not. It copies every file below the remote's `runs` into
its run cache, under any name.
"""

import copy
import hashlib
import json
import re
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from dvc.cli import main
from dvc.exceptions import DvcException
from dvc.fs import HTTPFileSystem
from dvc.repo import Repo
from dvc.stage.cache import RunCacheNotSupported, StageCache, _get_cache_hash
from dvc_data.hashfile.tree import Tree

from gradus.errors import InputError
from gradus.yaml_files import LARGEST as LARGEST_RUN
from gradus.yaml_files import read_yaml

LARGEST = 64 << 20
"""Bytes of a list at most: half a million files."""
_RUN = re.compile(r"([0-9a-f]{2})/(\1[0-9a-f]{62})/([0-9a-f]{64})")
_OUT = {"path", "hash", "md5", "size", "nfiles", "isexec"}  # not `files`: a list of places of its own


def load(odb: Any, hash_info: Any, hash_name: str | None = None) -> Tree:
    """Read a folder's list as `Tree.load` does, if it has the sum that is asked for and stays in the folder.

    Raises:
        DvcException: if it is another list, or no list.
    """
    listed = odb.get(hash_info.value)
    with listed.fs.open(listed.path, "rb") as file:
        content = file.read(LARGEST + 1)
    digest = hashlib.md5(content, usedforsecurity=False).hexdigest()
    if len(content) > LARGEST or hash_info.value != f"{digest}.dir" or not _stays_inside(content):
        raise DvcException(f"{listed.path!a}: expected the list of files that was recorded, all inside their folder")
    tree: Tree = Tree.from_list(json.loads(content), hash_name or odb.hash_name)
    tree.path, tree.fs, tree.hash_info, tree.oid = listed.path, listed.fs, hash_info, hash_info.value
    return tree


def _stays_inside(content: bytes) -> bool:
    """Tell whether every entry has an MD5 sum and a path without `..`, empty parts and NULs."""
    try:
        return all(
            re.fullmatch("[0-9a-f]{32}", entry["md5"])
            and not {"", ".", ".."} & set(entry["relpath"].split("/"))
            and "\0" not in entry["relpath"]
            for entry in json.loads(content)
        )
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return False


def transfer(_: StageCache, from_odb: Any, to_odb: Any, force: bool = True) -> list[tuple[str, str]]:
    """Copy the entries of one run cache that another lacks, as `StageCache.transfer` does, if each is what it says.

    The two parts of an entry's name are the SHA-256 sums of a stage's inputs and of the whole entry. So an entry
    names no output but those of the stage that asks for it; their content is the word of whoever wrote it.

    Raises:
        RunCacheNotSupported: for a remote that cannot list its files.
    """
    if HTTPFileSystem in (type(from_odb.fs), type(to_odb.fs)):
        raise RunCacheNotSupported("an HTTP remote has no run cache")
    copied = []
    there = set(_runs(to_odb))
    for name in (name for name in _runs(from_odb) if name not in there):
        with from_odb.fs.open(_place(from_odb, name), "rb") as file:
            content = file.read(LARGEST_RUN + 1)
        with tempfile.TemporaryDirectory() as folder:
            part = Path(folder, "run")
            part.write_bytes(content)
            if is_run(part, *name[1:]):
                to_odb.fs.put_file(str(part), _place(to_odb, name))
                copied.append(name[1:])
    return copied


def _runs(odb: Any) -> Iterator[tuple[str, str, str]]:
    """Yield the names of the entries of a run cache: the first two digits of the key, the key, the value."""
    root = odb.fs.join(odb.path, "runs")
    for path in odb.fs.find(root):
        relative = odb.fs.as_posix(odb.fs.relpath(path, root))
        if match := _RUN.fullmatch(relative):
            yield match[1], match[2], match[3]


def _place(odb: Any, name: tuple[str, str, str]) -> str:
    return str(odb.fs.join(odb.path, "runs", *name))


def is_run(path: Path, key: str, value: str) -> bool:
    """Tell whether a file is the entry of a run cache that its name says."""
    try:
        entry = read_yaml(path)
        if any(out.keys() - _OUT for out in entry["outs"]):
            return False
        return [_get_cache_hash(copy.deepcopy(entry), key=only) for only in (True, False)] == [key, value]
    except (InputError, TypeError, KeyError, AttributeError, ValueError):
        return False


def guard() -> None:
    """Put the functions of this file in the place of DVC's."""
    setattr(Tree, "load", staticmethod(load))  # noqa: B010 (mypy lets no method be assigned)
    setattr(StageCache, "transfer", transfer)  # noqa: B010


def fetch_runs(remote: str) -> int:
    """Fetch a remote's run cache; return 1, with one line that says why, if the remote cannot be read."""
    try:
        with Repo() as repo:
            repo.stage_cache.pull(remote)
    except Exception as error:  # whatever the file system of a remote raises
        print(f"{type(error).__name__}: {' '.join(str(error).split())}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    guard()
    sys.exit(fetch_runs(*sys.argv[2:]) if sys.argv[1:2] == ["runs"] else main(sys.argv[1:]))
