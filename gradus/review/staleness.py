"""Results that are older than the parameters or the code that they come from, in a clone with or without data."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from gradus.markdown import literal
from gradus.pipeline.dvc import dvc_json, is_absent
from gradus.review.sides import Side

Stale = Mapping[str, Sequence[str]]
"""By stage, what changed: parameters, files, its command."""

_PLAIN = re.compile(r"[A-Za-z0-9_./@ -]{1,100}")
_SHOWN = 3
"""Stages or reasons that a sentence names; the others are counted."""


def stale_stages(here: Side) -> Stale:
    """Return the stages that must run before the committed results are those of this tree, with the reasons.

    DVC compares parameters, code, commands and outputs with dvc.lock. Data that is not there (not pulled, not made
    on this machine) is no reason by itself. But a stage is stale if it read other data than dvc.lock now records of
    the stage that writes it. What reads from a stale stage is not listed.

    Raises:
        RunError: if DVC fails.
    """
    outs = {out["path"]: out.get("md5") for entry in here.entries.values() for out in entry.get("outs", ())}
    found = {stage: list(_reasons(here.entries.get(stage), about, outs)) for stage, about in dvc_json("status").items()}
    return {stage: reasons for stage, reasons in found.items() if reasons}


def _reasons(entry: Mapping[str, Any] | None, about: Any, outs: Mapping[str, str | None]) -> Iterator[str]:
    if entry is None:
        yield "never run"
        return
    read = {dep["path"]: dep.get("md5") for dep in entry.get("deps", ())}
    for change in about:
        if isinstance(change, str):  # "changed command"
            yield change
            continue
        for path, state in (pair for places in change.values() for pair in places.items()):
            if isinstance(state, Mapping):  # of a file of parameters
                yield from state
            elif not (is_absent(state) and path in outs and read.get(path, outs[path]) == outs[path]):
                yield path


def stale_sentence(stale: Stale) -> str:
    """Name the first few reasons, and of each the first few stages, in Markdown."""
    stages: dict[str, list[str]] = {}
    for stage, reasons in stale.items():
        stages.setdefault(reasons[0], []).append(stage)
    return _first([f"{_first(list(map(_quoted, names)))} ({_quoted(reason)})" for reason, names in stages.items()])


def _first(names: Sequence[str]) -> str:
    return ", ".join(names[:_SHOWN]) + (f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else "")


def _quoted(name: str) -> str:
    """Show plain names as code, which a terminal can show too."""
    return f"`{name}`" if _PLAIN.fullmatch(name) else literal(name)
