"""Collect the files of a run that belong in git: params.yaml, dvc.lock and the metrics."""

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from gradus.artifacts.inputs import require_regular
from gradus.artifacts.json_files import read_json
from gradus.artifacts.places import unsealed_folder
from gradus.errors import InputError
from gradus.pipeline.dvc import PARAMS, dvc_aloud
from gradus.pipeline.lock import read_entries
from gradus.pipeline.mending import LOCK
from gradus.pipeline.remote import verified_remote
from gradus.yaml_files import read_yaml

METRICS = Path("metrics")
_REPORT = METRICS / "report"  # in DVC's cache, not in git
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}")
_DEEPEST = 5  # parts of a path
_MOST_FILES = 10_000
_MOST_BYTES = 1 << 28  # sum over all files


def gather(tree: Path, out: Path) -> list[Path]:
    """Check params.yaml, dvc.lock and the metrics of a folder, and copy them to a new folder.

    Args:
        tree: folder in which the pipeline has run, or a copy of this folder. A stranger may have written the files
            in the folder, so links and files with unusual names are not copied.
        out: path of the new folder.
    Returns:
        The paths of the copied files, relative to `out`.
    Raises:
        InputError: if params.yaml, dvc.lock or a JSON file is missing or invalid, or there are no metrics.
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
    """Return the path of the report page; download the page from the default remote if it is missing.

    Raises:
        InputError: if the page is neither here nor in the remote.
        RunError: if the remote cannot be read.
    """
    page = _REPORT / "index.html"
    if not page.exists() and verified_remote():
        dvc_aloud("pull", "--allow-missing", str(_REPORT))
    require_regular(page, "the report page", "run gradus repro")
    return page


def _metrics(tree: Path) -> Iterator[Path]:
    """Yield the files in `metrics` that belong in git; skip links and files with unusual names."""
    if (tree / METRICS).is_symlink():
        return
    # A stranger's link could lead to any file of this machine.
    for folder, folders, files in os.walk(tree / METRICS, followlinks=False):
        here = Path(folder).relative_to(tree)
        # os.walk enters only the folders that remain in this list.
        folders[:] = sorted(name for name in folders if _NAME.fullmatch(name) and here / name != _REPORT)
        if len(here.parts) < _DEEPEST:
            yield from (
                here / name for name in sorted(files) if _NAME.fullmatch(name) and _is_plain(tree / here / name)
            )


def _is_plain(path: Path) -> bool:
    """Return whether a path is a regular file and not a link."""
    return path.is_file() and not path.is_symlink()


def _require_few(tree: Path, names: list[Path]) -> None:
    """Raise an error if there is no metrics file, or if the files are too many or too large."""
    size = sum((tree / name).stat().st_size for name in names)
    if len(names) == 2 or len(names) > _MOST_FILES or size > _MOST_BYTES:
        expected = f"1 to {_MOST_FILES} metrics files and at most {_MOST_BYTES} bytes in total"
        found = f"{len(names) - 2} metrics files and {size} bytes"  # without params.yaml and dvc.lock
        raise InputError(tree / METRICS, expected=expected, found=found, remedy="run dvc repro")
