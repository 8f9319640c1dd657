"""Run DVC and git commands in the current folder."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterable, Mapping
from functools import lru_cache
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

from gradus.errors import InputError, RunError
from gradus.params import read_file
from gradus.pipeline.mending import LOCK, require_valid_lock
from gradus.pipeline.rwlock import mend_rwlocks
from gradus.process import die_with_parent

# -P, because the current folder may hold another package of the name gradus.
DVC = (sys.executable, "-P", "-m", "gradus.pipeline.guarded_dvc")
"""Command that starts DVC with the additions of `guarded_dvc`, such as checks of downloaded files."""
PARAMS = Path("params.yaml")


def require_ready() -> None:
    """Check params.yaml and dvc.lock, and repair `rwlock` (DVC's list of files in use), before a DVC command starts.

    Raises:
        InputError: if params.yaml contains an invalid name, such as `../x`, or dvc.lock is damaged.
    """
    states = [path.stat() if path.exists() else None for path in (PARAMS, LOCK)]
    _check(Path.cwd(), *((state.st_ino, state.st_size, state.st_mtime_ns) if state else None for state in states))


@lru_cache(maxsize=1)  # a command starts DVC several times; check again only if a file has changed
def _check(folder: Path, *states: tuple[int, ...] | None) -> None:
    if PARAMS.exists():
        read_file(PARAMS, dict)
    mend_rwlocks()
    require_valid_lock()


def environment() -> dict[str, str]:
    """Return the environment variables for a DVC command: its stages use this Python and do not buffer their output."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    # Without PYTHONUNBUFFERED, a stage's output would appear only at its end.
    variables = {**os.environ, "PATH": path, "PYTHONUNBUFFERED": "1", "DVC_NO_ANALYTICS": "1"}
    if corpora := os.environ.get("GRADUS_CORPORA"):  # a relative path must mean the same folder in a clone
        variables["GRADUS_CORPORA"] = os.path.join(os.environ.get("DVC_ROOT", os.getcwd()), corpora)
    return variables


def dvc(*arguments: str, folder: Path | None = None) -> str:
    """Run a DVC command and return its standard output.

    Args:
        arguments: the command, such as "repro", and its options.
        folder: working directory of the command; by default, the current folder.
    Raises:
        InputError: see `require_ready`.
        RunError: if the command fails; the message includes the output of DVC.
    """
    require_ready()
    return _run(*DVC, *arguments, folder=folder)


def dvc_aloud(*arguments: str, folder: Path | None = None) -> None:
    """Run a DVC command and let it print to the terminal. The arguments are those of the function `dvc`.

    Raises:
        InputError: see `require_ready`.
        RunError: if the command fails; DVC has printed the reason.
    """
    require_ready()
    done = subprocess.run(
        [*DVC, *arguments], cwd=folder, env=environment(), stdin=subprocess.DEVNULL, preexec_fn=die_with_parent
    )
    if done.returncode:
        raise RunError(f"dvc {arguments[0]} failed with exit code {done.returncode}; the lines above give the reason")


def dvc_json(*arguments: str) -> dict[str, Any]:
    """Run a DVC command with `--json` and return the object that it prints, or {} if it prints nothing."""
    printed = dvc(*arguments, "--json")
    values: dict[str, Any] = json.loads(printed) if printed.strip() else {}
    return values


def git(*arguments: str) -> str:
    """Run a git command and return its standard output.

    Raises:
        RunError: if the command fails; the message includes the output of git.
    """
    return _run("git", *arguments)


def commit_of(revision: str) -> str:
    """Return the full hash of the commit that a branch, a tag or a short hash refers to.

    Raises:
        InputError: if this clone does not have the commit.
    """
    try:
        return git("rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}").strip()
    except RunError:
        remedy = "correct the name, or fetch the commit with its history"
        raise InputError(revision, expected="a commit of this clone", found="no such commit", remedy=remedy) from None


def _run(*command: str, folder: Path | None = None) -> str:
    """Run a command and return its standard output."""
    done = subprocess.run(
        command,
        cwd=folder,
        env=environment(),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        preexec_fn=die_with_parent,
    )
    if done.returncode:
        message = " ".join((done.stderr or done.stdout).split())  # an error must fit on one line
        name = " ".join(("dvc", *command[len(DVC) :]) if command[0] == sys.executable else command)
        raise RunError(f"{name} failed with exit code {done.returncode}: {message}")
    return done.stdout


def stage_names() -> list[str]:
    """Return the names of all stages, in the order of dvc.yaml."""
    return dvc("stage", "list", "--all", "--name-only").split()


def stage_graph() -> dict[str, set[str]]:
    """Return a dict from each stage to the stages that it depends on, in the order of dvc.yaml."""
    graph: dict[str, set[str]] = {name: set() for name in stage_names()}
    # DVC prints the graph only as text, not as JSON.
    for upstream, downstream in re.findall(r'^"(.+)" -> "(.+)";$', dvc("dag", "--dot"), flags=re.MULTILINE):
        graph[downstream].add(upstream)
    return graph


def stale_stages(graph: Mapping[str, set[str]], *, skip_missing: bool = False, besides: Iterable[str] = ()) -> set[str]:
    """Return the stages that `dvc status` reports as changed, and all stages downstream of these stages.

    Args:
        graph: dict from each stage to the stages that it depends on.
        skip_missing: do not count a missing file as a change, as with `dvc repro --allow-missing`.
        besides: more stages to treat as changed.
    """
    changes = dvc_json("status")
    stale = {name for name in graph if name in changes and not (skip_missing and _only_missing(changes[name]))}
    stale.update(besides)
    for name in TopologicalSorter(graph).static_order():  # upstream first, so that one pass is enough
        if graph[name] & stale:
            stale.add(name)
    return stale


def _only_missing(changes: list[Any]) -> bool:
    """Return whether missing files are the only changes that `dvc status` reports for a stage."""
    files = [states for change in changes if isinstance(change, dict) for states in change.values()]
    return len(files) == len(changes) and all(is_absent(state) for states in files for state in states.values())


def is_absent(state: str) -> bool:
    """Return whether a state in the output of `dvc status` means that a file is missing on this machine."""
    return state in ("deleted", "not in cache")
