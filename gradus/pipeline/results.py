"""The results of a run that belong in git: parameters, dvc.lock and metrics, to be committed elsewhere."""

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from gradus.artifacts.inputs import require_regular
from gradus.artifacts.json_files import read_json
from gradus.artifacts.places import unsealed_folder
from gradus.errors import InputError
from gradus.pipeline.dvc import GUARDED_DVC, PARAMS, dvc_aloud
from gradus.pipeline.lock import read_entries
from gradus.pipeline.mending import LOCK
from gradus.pipeline.remote import verified_remote
from gradus.yaml_files import read_yaml

METRICS = Path("metrics")
_CACHED = METRICS / "report"  # DVC keeps it
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}")
_DEEP = 5  # parts of a path
_MOST_FILES = 10_000
_MOST_BYTES = 1 << 28  # of all files together


def gather(tree: Path, out: Path) -> list[Path]:
    """Copy params.yaml, dvc.lock and the metrics of a tree to a new folder, each a plain file that can be read.

    Args:
        tree: a tree in which the pipeline has run, or its copy; nobody vouches for it.
        out: the new folder.
    Returns:
        The files, relative to the folder.
    Raises:
        InputError: if the two files are missing or broken, a JSON file is broken, or there is no metric.
    """
    for name in (PARAMS, LOCK):
        require_regular(tree / name, "a plain file", "run gradus repro")
        if (tree / name).is_symlink():
            raise InputError(tree / name, expected="a plain file", found="a link", remedy="run gradus repro")
    read_yaml(tree / PARAMS)
    read_entries(tree / LOCK)
    names = [PARAMS, LOCK, *_metrics(tree)]
    _require_few(tree, names)
    for name in names:
        if name.suffix == ".json":
            read_json(tree / name)
    with unsealed_folder(out, lambda _: False, inputs=[tree / name for name in names]) as part:
        for name in names:
            (part / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(tree / name, part / name, follow_symlinks=False)
    return names


def report_page() -> Path:
    """Return the report page of the current folder, after a look in the remote if it is not here.

    Raises:
        InputError: if there is none.
        RunError: if the remote cannot be read.
    """
    page = _CACHED / "index.html"
    if not page.exists() and verified_remote():
        dvc_aloud("pull", "--allow-missing", str(_CACHED), program=GUARDED_DVC)
    require_regular(page, "the report page", "run gradus repro")
    return page


def _metrics(tree: Path) -> Iterator[Path]:
    """Yield the metrics of a tree that git keeps; what is reached by a link, or oddly named, is none."""
    if (tree / METRICS).is_symlink():
        return
    for folder, folders, files in os.walk(tree / METRICS, followlinks=False):
        here = Path(folder).relative_to(tree)
        folders[:] = sorted(name for name in folders if _NAME.fullmatch(name) and here / name != _CACHED)
        if len(here.parts) < _DEEP:
            yield from (
                here / name for name in sorted(files) if _NAME.fullmatch(name) and _is_plain(tree / here / name)
            )


def _is_plain(path: Path) -> bool:
    return path.is_file() and not path.is_symlink()


def _require_few(tree: Path, names: list[Path]) -> None:
    size = sum((tree / name).stat().st_size for name in names)
    if len(names) == 2 or len(names) > _MOST_FILES or size > _MOST_BYTES:
        expected = f"1 to {_MOST_FILES} files of {_MOST_BYTES} bytes together"
        raise InputError(tree / METRICS, expected=expected, found=f"{len(names) - 2} of {size}", remedy="run dvc repro")
