"""Files that stages leave behind: written beside their place and renamed, equal bytes for equal content."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def new_folder(path: Path) -> Iterator[Path]:
    """Yield an empty folder beside `path` that takes its name once the block ends well.

    A block that fails, or a process that is killed, leaves `path` as it was; the half-written
    `path.part` is cleared by the next attempt.
    """
    part = path.with_name(path.name + ".part")
    _remove(part)
    part.mkdir(parents=True)
    yield part
    _remove(path)
    os.replace(part, path)


@contextmanager
def new_file(path: Path) -> Iterator[Path]:
    """Yield a file name beside `path` that takes its name once the block ends well."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    _remove(part)
    yield part
    os.replace(part, path)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 text with LF line ends."""
    with new_file(path) as part:
        part.write_text(text, encoding="utf-8", newline="\n")
