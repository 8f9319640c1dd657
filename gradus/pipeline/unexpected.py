"""Stages that gave other results than the committed ones from the same inputs."""

import re
from collections.abc import Iterator, Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from gradus.errors import InputError, RunError
from gradus.numerics import portable
from gradus.params import read_section
from gradus.pipeline.dvc import PARAMS, git
from gradus.pipeline.lock import entries_of, read_entries
from gradus.pipeline.mending import LOCK


def unexpected_results() -> list[str]:
    """Return what to tell a user whose run gave other bytes than the commit has, from equal inputs.

    Compares dvc.lock with that of the commit: a stage whose command, dependencies and parameters are the same must have
    the same outputs. Stages that read from such a stage have other inputs, and are not named.

    Returns:
        Lines of text; none if all is as it must be, or there is no commit to compare with.
    """
    try:
        committed = entries_of(git("show", f"HEAD:./{LOCK}"), LOCK)
    except (RunError, InputError):
        return []
    here = read_entries(LOCK)
    named = [stage for stage in here if stage in committed and _differs(committed[stage], here[stage])]
    if not named:
        return []
    reasons = list(_reasons())
    return [
        f"Other results than the committed ones, from the same inputs: {', '.join(named)}.",
        f"Why: {'; '.join(reasons)}. That is expected; docs/numerics.md says how large the difference may be."
        if reasons
        else "Why: unknown. Processor and packages are those that give equal bytes, so please report it.",
        "`git checkout -- metrics dvc.lock` brings the committed ones back.",
    ]


def _differs(old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    same = all(old.get(part) == new.get(part) for part in ("cmd", "deps", "params"))
    return same and old.get("outs") != new.get("outs")


def _reasons() -> Iterator[str]:
    """Yield what here gives other bytes than the promise is about."""
    if not portable():
        yield "this processor has no portable kernels, or GRADUS_NUMERICS is native"
    if read_section(PARAMS, "device") != "cpu":
        yield "a GPU was used"
    yield from _other_packages(Path("requirements.txt"))


def _other_packages(requirements: Path) -> Iterator[str]:
    text = requirements.read_text(encoding="utf-8") if requirements.exists() else ""
    for name, pinned in re.findall(r"^([A-Za-z0-9_.-]+)==(\S+)$", text, re.MULTILINE):
        try:
            found = version(name).partition("+")[0]  # torch's build stands behind the plus
        except PackageNotFoundError:
            found = "none"
        if found != pinned:
            yield f"{name} is {found}, not {pinned}"
