"""DVC that takes nobody's word for which files a folder holds: `python -m gradus.pipeline.guarded_dvc pull`.

DVC 3.67 reads the list of a folder's files from a remote, compares it with nothing, `verify` set or not, and writes
each file to the path that the list names, in the folder or not.
"""

import hashlib
import json
import re
import sys
from typing import Any

from dvc.cli import main
from dvc.exceptions import DvcException
from dvc_data.hashfile.tree import Tree

LARGEST = 64 << 20
"""Bytes of a list at most: half a million files."""


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


if __name__ == "__main__":
    setattr(Tree, "load", staticmethod(load))  # noqa: B010 (mypy lets no method be assigned)
    sys.exit(main(sys.argv[1:]))
