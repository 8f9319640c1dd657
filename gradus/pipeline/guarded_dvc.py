"""Run DVC with checks of the files that a remote sends, for example `python -m gradus.pipeline.guarded_dvc pull`.

DVC 3.67 reads the file list of a folder from a remote without checking the list, even with the setting `verify`. DVC
then writes each file to the path in the list, and this path may lie outside of the folder. DVC also copies every file
under `runs` of the remote into its run cache, whatever the file's name is. This module replaces these two steps of DVC.
It also reads and writes dvc.lock faster; see `lock_entries`.
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
from dvc.dvcfile import Lockfile
from dvc.exceptions import DvcException
from dvc.fs import HTTPFileSystem
from dvc.repo import Repo
from dvc.stage.cache import RunCacheNotSupported, StageCache, _get_cache_hash
from dvc_data.hashfile.tree import Tree

from gradus.errors import InputError
from gradus.pipeline.lock_entries import dump_stages, load_yaml
from gradus.yaml_files import LARGEST as LARGEST_RUN
from gradus.yaml_files import read_yaml

LARGEST = 64 << 20
"""Maximum size of a file list in bytes. A list of this size has about half a million files."""
_RUN = re.compile(r"([0-9a-f]{2})/(\1[0-9a-f]{62})/([0-9a-f]{64})")
# Without `files`: a second list of paths, which DVC follows and no hash covers.
_OUT_KEYS = {"path", "hash", "md5", "size", "nfiles", "isexec"}


def load(odb: Any, hash_info: Any, hash_name: str | None = None) -> Tree:
    """Read the file list of a folder, like DVC's `Tree.load`, but check the hash and the paths of the list first.

    Raises:
        DvcException: if the list is invalid, has another hash than requested, or has a path outside of the folder.
    """
    listed = odb.get(hash_info.value)
    with listed.fs.open(listed.path, "rb") as file:
        content = file.read(LARGEST + 1)  # one byte more reveals a larger file
    digest = hashlib.md5(content, usedforsecurity=False).hexdigest()
    if len(content) > LARGEST or hash_info.value != f"{digest}.dir" or not _stays_inside(content):
        expected = f"a file list with the hash {hash_info.value} and with paths inside the folder"
        raise DvcException(f"{listed.path!a}: expected {expected}; the remote is damaged, so push the outputs again")
    tree: Tree = Tree.from_list(json.loads(content), hash_name or odb.hash_name)
    tree.path, tree.fs, tree.hash_info, tree.oid = listed.path, listed.fs, hash_info, hash_info.value
    return tree


def _stays_inside(content: bytes) -> bool:
    """Return whether every entry of a file list has an MD5 hash and a path without `..`, empty parts or NUL."""
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
    """Copy missing entries between run caches, like DVC's `StageCache.transfer`, but check the hashes of the entries.

    An entry lists the inputs and outputs of one run of a stage. The name of the entry consists of two SHA-256 hashes:
    the first is the hash of the inputs, the second is the hash of the whole entry. The hashes do not prove that the
    stage really computes these outputs from these inputs, so the user must trust the author of the entry.

    Returns:
        The names of the copied entries: (hash of the inputs, hash of the entry).
    Raises:
        RunCacheNotSupported: if one of the caches is on an HTTP server, because HTTP cannot list files.
    """
    if HTTPFileSystem in (type(from_odb.fs), type(to_odb.fs)):
        raise RunCacheNotSupported("an HTTP remote has no run cache")
    copied = []
    there = set(_runs(to_odb))
    for key, value in (name for name in _runs(from_odb) if name not in there):
        with from_odb.fs.open(_path(from_odb, key, value), "rb") as file:
            content = file.read(LARGEST_RUN + 1)
        with tempfile.TemporaryDirectory() as folder:  # check the same bytes that are copied
            part = Path(folder, "run")
            part.write_bytes(content)
            if is_run(part, key, value):
                to_odb.fs.put_file(str(part), _path(to_odb, key, value))
                copied.append((key, value))
    return copied


def _runs(odb: Any) -> Iterator[tuple[str, str]]:
    """Yield the names of the entries of a run cache: (hash of the inputs, hash of the entry)."""
    root = odb.fs.join(odb.path, "runs")
    for path in odb.fs.find(root):
        relative = odb.fs.as_posix(odb.fs.relpath(path, root))
        if match := _RUN.fullmatch(relative):
            yield match[2], match[3]


def _path(odb: Any, key: str, value: str) -> str:
    return str(odb.fs.join(odb.path, "runs", key[:2], key, value))


def is_run(path: Path, key: str, value: str) -> bool:
    """Return whether a file is the run-cache entry whose hashes are `key` (inputs) and `value` (whole entry)."""
    try:
        entry = read_yaml(path)
        if any(out.keys() - _OUT_KEYS for out in entry["outs"]):
            return False
        # DVC's function changes its argument, hence the copy.
        return [_get_cache_hash(copy.deepcopy(entry), key=only) for only in (True, False)] == [key, value]
    except (InputError, TypeError, KeyError, AttributeError, ValueError):
        return False


def guard() -> None:
    """Replace functions of DVC with the functions of this module and of `lock_entries`."""
    setattr(Tree, "load", staticmethod(load))  # noqa: B010 (mypy forbids a plain assignment to a method)
    setattr(StageCache, "transfer", transfer)  # noqa: B010
    setattr(Lockfile, "_load_yaml", load_yaml)  # noqa: B010
    setattr(Lockfile, "dump_stages", dump_stages)  # noqa: B010


def fetch_runs(remote: str) -> int:
    """Fetch the run cache of a remote. Return exit code 0; after an error, print the error and return 1."""
    try:
        with Repo() as repo:
            repo.stage_cache.pull(remote)
    except Exception as error:  # each kind of remote raises errors of its own
        print(f"{type(error).__name__}: {' '.join(str(error).split())}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    guard()
    sys.exit(fetch_runs(*sys.argv[2:]) if sys.argv[1:2] == ["runs"] else main(sys.argv[1:]))
