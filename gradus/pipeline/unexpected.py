"""Find stages whose outputs differ from the last commit although their inputs are equal."""

import re
from collections.abc import Iterator, Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from gradus.numerics import portable
from gradus.params import read_section
from gradus.pipeline.dvc import PARAMS
from gradus.pipeline.lock import entries_of, fault_of, read_entries
from gradus.pipeline.machine import PACKAGES
from gradus.pipeline.mending import LOCK, committed_lock


def unexpected_results() -> list[str]:
    """Return a message about the stages whose outputs differ from the last commit although their inputs are equal.

    The message names a stage if the committed and the current dvc.lock have equal commands, dependencies and parameters
    for the stage, but different outputs. Stages downstream of this stage have different inputs, so the message does not
    name them.

    Returns:
        The lines of the message; an empty list if there is no such stage, or no valid dvc.lock in the last commit.
    """
    text = committed_lock()
    if text is None or fault_of(text) is not None:
        return []
    committed = entries_of(text, LOCK)
    here = read_entries(LOCK)
    named = [stage for stage in here if stage in committed and _differs(committed[stage], here[stage])]
    if not named:
        return []
    reasons = list(_reasons())
    return [
        f"These stages have the same inputs as in the last commit, but other outputs: {', '.join(named)}.",
        f"Reason: {'; '.join(reasons)}. This is expected; docs/numerics.md says how large the differences are."
        if reasons
        else "Reason: unknown. This processor and these packages should give equal outputs; please report a bug.",
        "To restore the committed results, run: git checkout -- metrics dvc.lock",
    ]


def _differs(old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    """Return whether the old and the new entry of a stage have equal inputs but different outputs."""
    same = all(old.get(part) == new.get(part) for part in ("cmd", "deps", "params"))
    return same and old.get("outs") != new.get("outs")


def _reasons() -> Iterator[str]:
    """Yield the reasons why outputs can differ on this machine. If there is no reason, outputs should be equal."""
    if not portable():
        yield "this processor has no portable kernels, or the variable GRADUS_NUMERICS has the value native"
    if read_section(PARAMS, "device") != "cpu":
        yield "a GPU was used"
    for requirements in (Path("requirements.txt"), Path("requirements-torch.txt")):
        yield from _other_packages(requirements)


def _other_packages(requirements: Path) -> Iterator[str]:
    """Yield a message for each of `PACKAGES` whose installed version is not the version in a requirement file."""
    text = requirements.read_text(encoding="utf-8") if requirements.exists() else ""
    for name, pinned in re.findall(r"^([a-z0-9-]+)==(\S+)", text, re.MULTILINE):
        if name not in PACKAGES:
            continue
        try:
            found = version(name).partition("+")[0]  # 2.13.0+cpu is the CPU build of torch 2.13.0
        except PackageNotFoundError:
            found = "no version"
        if found != pinned:
            yield f"{name} {pinned} is required, but {found} is installed"
