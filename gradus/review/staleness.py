"""Find stale results: the parameters or the code have changed since the results were computed."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from gradus.markdown import literal
from gradus.pipeline.dvc import dvc_json, is_absent
from gradus.review.sides import Side

Stale = Mapping[str, Sequence[str]]
"""Dict from each stale stage to the reasons: names of parameters, paths of files, `changed command` or `never run`."""

_PLAIN = re.compile(r"[A-Za-z0-9_./@ -]{1,100}")
_SHOWN = 3
"""Maximum number of stages or reasons that a message names. For the rest, the message gives only their number."""


def stale_stages(here: Side) -> Stale:
    """Return the stages that must run again before the committed results match the working tree, with the reasons.

    DVC compares parameters, code, commands and outputs with dvc.lock. Missing data alone does not make a stage stale,
    because a clone may lack the data. For a missing file, dvc.lock has two hashes: one from the stage that wrote the
    file, and one from the stage that read it. If the hashes differ, the stage that read the file is stale. Stages
    downstream of a stale stage are not listed.

    Raises:
        RunError: if DVC fails.
    """
    outs = {out["path"]: out.get("md5") for entry in here.entries.values() for out in entry.get("outs", ())}
    reasons_by_stage = {
        stage: list(_reasons(here.entries.get(stage), about, outs)) for stage, about in dvc_json("status").items()
    }
    return {stage: reasons for stage, reasons in reasons_by_stage.items() if reasons}


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
            if isinstance(state, Mapping):  # a parameter file, with the state of each parameter
                yield from state
            elif not (is_absent(state) and _written_by_others(path, read, outs)):
                yield path


def _written_by_others(path: str, read: Mapping[str, str | None], outs: Mapping[str, str | None]) -> bool:
    """Return whether a missing file is an output of a stage with the hash that was read, or a folder of outputs.

    dvc.lock has no hash of a folder of outputs that could be compared: the stages that write them are listed instead.
    """
    if path in outs:
        return read.get(path, outs[path]) == outs[path]
    return any(out.startswith(f"{path}/") for out in outs)


def stale_sentence(stale: Stale) -> str:
    """Return a list of stale stages with their reasons as Markdown, on one line. A long list is shortened."""
    stages: dict[str, list[str]] = {}
    for stage, reasons in stale.items():
        stages.setdefault(reasons[0], []).append(stage)
    return _first([f"{_first(list(map(_quoted, names)))} ({_quoted(reason)})" for reason, names in stages.items()])


def _first(names: Sequence[str]) -> str:
    return ", ".join(names[:_SHOWN]) + (f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else "")


def _quoted(name: str) -> str:
    """Format a name as Markdown: as code if the name is plain, otherwise with escapes."""
    return f"`{name}`" if _PLAIN.fullmatch(name) else literal(name)
