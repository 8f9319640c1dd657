"""Code, parameters, versions and machine of a recipe's run: runs are averaged only where these are equal."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field
from pydantic.dataclasses import dataclass

from gradus.params import STRICT
from gradus.pipeline.copies import OWN
from gradus.pipeline.dvc import git
from gradus.pipeline.machine import describe_machine, describe_versions
from gradus.pipeline.stages import measuring, read_stages, with_upstream

IDLE = ("dvc",)
"""Packages whose version moves no number."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Origin:
    """Code, parameters, versions and machine of a run.

    Attributes:
        commit: for people; two commits with the same `code` may be averaged. It ends with `-dirty` where tracked
            files were changed.
        code: fingerprint of what DVC would compare: the commands of the stages, and the content of the tracked files
            and of the own text that they read.
        parameters: fingerprint of the parameters that the stages read, the seed aside.
        device: the parameter.
        numerics: `portable`, where every processor of one system gives the same bytes on the CPU; else `native`.
        versions: of Python and the packages.
        machine: that ran the command (see `describe_machine`). DVC's run cache may hand over the result of a stage
            that another machine computed.
    """

    commit: str
    code: str
    parameters: str
    device: str
    numerics: str
    versions: dict[str, str]
    machine: dict[str, str | Annotated[int, Field(ge=0, le=10**9)]]

    def differences(self, other: "Origin") -> list[str]:
        """Name what differs so that the runs must not be averaged; nothing if they may be."""
        pairs = {
            "code": (self.code, other.code),
            "parameters": (self.parameters, other.parameters),
            "versions": (_computing(self.versions), _computing(other.versions)),
            "processor": (self._hardware(), other._hardware()),
        }
        return [name for name, (one, another) in pairs.items() if one != another]

    def _hardware(self) -> list[str | int | None]:
        """Return what of the machine can move a number."""
        if self.device == "cpu" and self.numerics == "portable":
            return [self.machine.get("system")]
        parts = ["system", "processor", "processor_model", *([] if self.device == "cpu" else ["gpu"])]
        return [self.machine.get(part) for part in parts]


def _computing(versions: Mapping[str, str]) -> dict[str, str]:
    return {name: version for name, version in versions.items() if name not in IDLE}


def origin_of(tracks: Iterable[str], params: Mapping[str, Any]) -> Origin:
    """Return the origin of runs that start now, in the repository at the current folder.

    Args:
        tracks: what is measured.
        params: the parameters of the runs.
    """
    stages = read_stages()
    entries = [stages[name] for name in with_upstream(measuring(tracks, stages), stages)]
    sections = {str(key).partition(".")[0] for entry in entries for key in entry.get("params", [])}
    return Origin(
        commit=git("describe", "--always", "--dirty", "--abbrev=40", "--exclude=*").strip(),
        code=_code(entries, _own_text(tracks, params)),
        parameters=_sha256({key: params[key] for key in sections - {"seed"} if key in params}),
        device=str(params.get("device", "cpu")),
        numerics=str(params.get("numerics", "native")),
        versions=describe_versions(),
        machine=describe_machine(),
    )


def _code(entries: list[dict[str, Any]], own: list[Path]) -> str:
    deps = sorted({str(dep) for entry in entries for dep in entry.get("deps", [])} - {str(OWN)})
    tracked = git("ls-files", "-z", "--", *deps).split("\0")[:-1] if deps else []
    files = [Path(path) for path in tracked if Path(path).is_file()] + own
    sums = {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
    return _sha256([sorted(str(entry["cmd"]) for entry in entries), sums])


def _own_text(tracks: Iterable[str], params: Mapping[str, Any]) -> list[Path]:
    """Return the user's own files among the corpora of some tracks."""
    corpora = {params["acquire"][track]["corpus"] for track in tracks} if "acquire" in params else set()
    return sorted(path for corpus in corpora for path in (OWN / corpus).rglob("*") if path.is_file())


def _sha256(values: Any) -> str:
    """Return the fingerprint of JSON values."""
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()[:16]
