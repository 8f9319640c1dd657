"""Origin of a recipe's run: code, parameters, package versions and machine. Only runs of equal origin are averaged."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field
from pydantic.dataclasses import dataclass

from gradus.params import STRICT
from gradus.pipeline.copies import OWN_TEXT
from gradus.pipeline.dvc import git
from gradus.pipeline.machine import describe_machine, describe_versions
from gradus.pipeline.stages import read_stages, with_upstream

WITHOUT_EFFECT = ("dvc",)
"""Packages whose version does not change results."""


@dataclass(frozen=True, kw_only=True, config=STRICT)
class Origin:
    """Code, parameters, package versions and machine of a run."""

    commit: str
    """Commit hash, followed by `-dirty` if there were uncommitted changes. Two commits can have equal code."""
    code: str
    """Hash of the stages' commands, of the tracked files that stages read, and of the user's files in `data/own`."""
    parameters: str
    """Hash of the parameters that the stages read, without the seed."""
    device: str
    """Device of the run: `cpu` or `cuda`, from params.yaml."""
    numerics: str
    """Kind of numerics: `portable` or `native`. With `portable` on a CPU, every processor computes the same bytes."""
    versions: dict[str, str]
    """Versions of Python and of the packages, by name."""
    machine: dict[str, str | Annotated[int, Field(ge=0, le=10**9)]]
    """Machine that ran the recipe. A result from DVC's run cache may have been computed on another machine."""

    def differences(self, other: "Origin") -> list[str]:
        """Return the names of the differences that forbid averaging two runs, such as `code` or `processor`."""
        pairs = {
            "code": (self.code, other.code),
            "parameters": (self.parameters, other.parameters),
            "versions": (_computing(self.versions), _computing(other.versions)),
            "processor": (self._hardware(), other._hardware()),
        }
        return [name for name, (one, another) in pairs.items() if one != another]

    def _hardware(self) -> list[str | int | None]:
        """Return the machine's properties, such as the processor, that can change a result."""
        if self.device == "cpu" and self.numerics == "portable":
            return [self.machine.get("system")]
        parts = ["system", "processor", "processor_model", *([] if self.device == "cpu" else ["gpu"])]
        return [self.machine.get(part) for part in parts]


def _computing(versions: Mapping[str, str]) -> dict[str, str]:
    return {name: version for name, version in versions.items() if name not in WITHOUT_EFFECT}


def origin_of(targets: Iterable[str], tracks: Iterable[str], params: Mapping[str, Any]) -> Origin:
    """Return the origin of runs that start now in the repository of the current folder.

    Args:
        targets: entries of dvc.yaml that run, with all entries upstream of them.
        tracks: the tracks whose corpora are read: `lm` (language models), `mt` (translation models), or both.
        params: parameters of the runs.
    """
    stages = read_stages()
    entries = [stages[name] for name in with_upstream(targets, stages)]
    # Entries name keys such as train_lm.${item.name}; the whole section decides, because a recipe runs all its models.
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
    """Return a hash of the stages' commands and of the files that the stages depend on."""
    deps = sorted({str(dep) for entry in entries for dep in entry.get("deps", [])} - {str(OWN_TEXT)})
    tracked = git("ls-files", "-z", "--", *deps).split("\0")[:-1] if deps else []
    # git does not track own text, and it lists tracked files also after their removal.
    files = [Path(path) for path in tracked if Path(path).is_file()] + own
    sums = {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
    return _sha256([sorted(str(entry["cmd"]) for entry in entries), sums])


def _own_text(tracks: Iterable[str], params: Mapping[str, Any]) -> list[Path]:
    """Return the files in `data/own` that belong to the corpora of the tracks (`lm` or `mt`)."""
    corpora = {params["acquire"][track]["corpus"] for track in tracks} if "acquire" in params else set()
    return sorted(path for corpus in corpora for path in (OWN_TEXT / corpus).rglob("*") if path.is_file())


def _sha256(values: Any) -> str:
    """Return the first 16 hex digits of the SHA-256 of JSON values."""
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()[:16]
