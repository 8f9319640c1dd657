"""DVC and git as commands, in the current folder."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from gradus.errors import InputError, RunError
from gradus.params import read_file
from gradus.pipeline.claims import mend_claims
from gradus.pipeline.mending import LOCK, require_whole_lock
from gradus.process import die_with_parent

DVC = (sys.executable, "-m", "dvc")
"""The command line of the DVC that is installed beside gradus."""
GUARDED_DVC = (sys.executable, "-m", "gradus.pipeline.guarded_dvc")
"""The same DVC, for commands that read from a remote: it checks what the remote sends."""
PARAMS = Path("params.yaml")


def require_ready() -> None:
    """Refuse, or mend, what would stop DVC or would make it touch other files, before it is started here.

    Raises:
        InputError: if params.yaml has a name that is none, or dvc.lock is damaged.
    """
    states = [path.stat() if path.exists() else None for path in (PARAMS, LOCK)]
    _check(Path.cwd(), *((state.st_ino, state.st_size, state.st_mtime_ns) if state else None for state in states))


@lru_cache(maxsize=1)  # a command starts DVC several times
def _check(folder: Path, *states: tuple[int, ...] | None) -> None:
    if PARAMS.exists():
        read_file(PARAMS, dict)
    mend_claims()
    require_whole_lock()


def environment() -> dict[str, str]:
    """Return the variables for DVC: `python` is this one, and what stages print is not held back."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    variables = {**os.environ, "PATH": path, "PYTHONUNBUFFERED": "1", "DVC_NO_ANALYTICS": "1"}
    if corpora := os.environ.get("GRADUS_CORPORA"):  # a relative one is of this folder, not of a copy
        variables["GRADUS_CORPORA"] = os.path.join(os.environ.get("DVC_ROOT", os.getcwd()), corpora)
    return variables


def dvc(*arguments: str, folder: Path | None = None, program: tuple[str, ...] = DVC) -> str:
    """Run one DVC command, in the current folder or another, and return what it writes to stdout.

    Raises:
        InputError: as `require_ready`.
        RunError: with DVC's message, if the command fails.
    """
    require_ready()
    return _run(*program, *arguments, folder=folder)


def dvc_aloud(*arguments: str, folder: Path | None = None, program: tuple[str, ...] = DVC) -> None:
    """Run one DVC command, in the current folder or another, that prints to the terminal.

    Raises:
        InputError: as `require_ready`.
        RunError: if it fails; DVC has said why.
    """
    require_ready()
    done = subprocess.run(
        [*program, *arguments], cwd=folder, env=environment(), stdin=subprocess.DEVNULL, preexec_fn=die_with_parent
    )
    if done.returncode:
        raise RunError(f"dvc {arguments[0]} failed with exit code {done.returncode}; the lines above say why")


def dvc_json(*arguments: str, program: tuple[str, ...] = DVC) -> dict[str, Any]:
    """Run one DVC command with `--json` and return the object that it prints; nothing printed is `{}`."""
    printed = dvc(*arguments, "--json", program=program)
    values: dict[str, Any] = json.loads(printed) if printed.strip() else {}
    return values


def git(*arguments: str) -> str:
    """Run one git command and return what it writes to stdout.

    Raises:
        RunError: with git's message, if the command fails.
    """
    return _run("git", *arguments)


def commit_of(revision: str) -> str:
    """Return the hash of the commit that a branch, tag or hash names.

    Raises:
        InputError: if this clone has no such commit.
    """
    try:
        return git("rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}").strip()
    except RunError:
        raise InputError(
            revision, expected="a commit of this clone", found="none of that name", remedy="fetch it, with its history"
        ) from None


def _run(*command: str, folder: Path | None = None) -> str:
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
        message = " ".join((done.stderr or done.stdout).split())
        name = " ".join(("dvc", *command[len(DVC) :]) if command[0] == sys.executable else command)
        raise RunError(f"{name}: exit code {done.returncode}: {message}")
    return done.stdout


def stage_names() -> list[str]:
    """Return the name of every stage of the pipeline, in dvc.yaml's order."""
    return dvc("stage", "list", "--all", "--name-only").split()


def stage_graph() -> dict[str, set[str]]:
    """Return every stage of the pipeline, in dvc.yaml's order, with the stages that it reads from."""
    graph: dict[str, set[str]] = {name: set() for name in stage_names()}
    for upstream, downstream in re.findall(r'^"(.+)" -> "(.+)";$', dvc("dag", "--dot"), flags=re.MULTILINE):
        graph[downstream].add(upstream)
    return graph


def stale_stages(graph: Mapping[str, set[str]], *, skip_missing: bool = False, besides: Iterable[str] = ()) -> set[str]:
    """Return the stages that DVC sees as changed, and all that read from them, directly or not.

    Args:
        graph: every stage, with the stages that it reads from.
        skip_missing: leave out a stage of which data is missing but nothing has changed, as `--allow-missing` does.
        besides: stages that are stale whatever DVC says.
    """
    changes = dvc_json("status")
    stale = {name for name in graph if name in changes and not (skip_missing and _only_missing(changes[name]))}
    stale.update(besides)
    for name in _upstream_first(graph):
        if graph[name] & stale:
            stale.add(name)
    return stale


def _only_missing(changes: list[Any]) -> bool:
    """Tell whether all that `dvc status` says of a stage is that files are not here."""
    files = [states for change in changes if isinstance(change, dict) for states in change.values()]
    return len(files) == len(changes) and all(is_absent(state) for states in files for state in states.values())


def is_absent(state: str) -> bool:
    """Tell whether `dvc status` says of a file that it is not here, which is no change by itself."""
    return state in ("deleted", "not in cache")


def _upstream_first(graph: Mapping[str, set[str]]) -> list[str]:
    from graphlib import TopologicalSorter

    return list(TopologicalSorter(graph).static_order())
