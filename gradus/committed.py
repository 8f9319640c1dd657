"""Compare the corpora in params.yaml with those of the last commit, whose results git tracks."""

import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gradus.errors import InputError
from gradus.yaml_files import read_yaml

_MADE_OF_ALL = ("metrics/tables", "metrics/plots", "metrics/series")
"""Folders that show the results of both tracks."""


def replaced_results(params: Path) -> str | None:
    """Say how many tracked results a run of the pipeline would replace with those of another corpus.

    Args:
        params: parameter file of the run; the pipeline is in the folder of this file.
    Returns:
        A noun phrase if a corpus or a language differs from the last commit and git tracks results of the pipeline;
        otherwise None. It is also None without git, without a commit of the file, and in the copy of a repository in
        which a recipe runs, because the files of a copy are thrown away.
    Raises:
        InputError: if the parameter file is malformed.
    """
    folder = params.parent
    committed = None if _is_copy(folder) else _committed(params)
    if committed is None:
        return None
    here = _corpora(read_yaml(params))
    tracks = [track for track, corpus in _corpora(committed).items() if here.get(track, corpus) != corpus]
    places = [f"metrics/{place}" for track in tracks for place in (track, f"details/{track}")]
    tracked = _git("ls-files", "-z", "--", *places, *_MADE_OF_ALL, folder=folder) if tracks else None
    if not tracked:
        return None
    names, count = " and ".join(f"acquire.{track}" for track in tracks), tracked.count(b"\0")
    return f"another {names}, with which a run replaces {count} results that git tracks"


def _is_copy(folder: Path) -> bool:
    """Return whether a folder is a copy of a repository in which a recipe runs; see `gradus.pipeline.copies`."""
    scratch = folder / ".gradus"
    return scratch.is_symlink() and scratch.readlink().parent.parts[-2:] == (".gradus", "copies")


def _corpora(params: Any) -> dict[str, Any]:
    """Return the sections of `acquire`, by track."""
    acquire = params.get("acquire") if isinstance(params, Mapping) else None
    return dict(acquire) if isinstance(acquire, Mapping) else {}


def _committed(params: Path) -> Any:
    """Return the parameters of the last commit; None if the commit does not have the file, or a malformed one."""
    text = _git("show", f"HEAD:./{params.name}", folder=params.parent)
    if text is None:
        return None
    with tempfile.TemporaryDirectory() as temporary:
        path = Path(temporary, "params.yaml")
        path.write_bytes(text)
        try:
            return read_yaml(path)
        except InputError:
            return None


def _git(*arguments: str, folder: Path) -> bytes | None:
    """Return what a git command prints; None if it fails or git is not installed."""
    try:
        done = subprocess.run(["git", *arguments], cwd=folder, stdin=subprocess.DEVNULL, capture_output=True)
    except OSError:
        return None
    return None if done.returncode else done.stdout
