"""Entries of dvc.yaml: those that measure a track, and those that they read from."""

import re
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from gradus.params import read_section

Entries = Mapping[str, Mapping[str, Any]]


def read_stages() -> dict[str, dict[str, Any]]:
    """Return the entries of dvc.yaml in the current folder, their templates as they stand there."""
    stages: dict[str, dict[str, Any]] = read_section(Path("dvc.yaml"), "stages")
    return stages


def measuring(tracks: Iterable[str], stages: Entries) -> list[str]:
    """Return the entries whose metrics are those of some tracks."""
    folders = tuple(f"metrics/{track}/" for track in tracks)
    return [
        name
        for name, entry in stages.items()
        if any(place.startswith(folders) for place in _paths(entry.get("metrics", [])))
    ]


def with_upstream(names: Iterable[str], stages: Entries) -> list[str]:
    """Return some entries and all that they read from, in dvc.yaml's order.

    A template in a path stands for anything: of two entries that write the same folder, both count.
    """
    found: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += [other for other in stages if _reads(stages[name], stages[other])]
    return [name for name in stages if name in found]


def _reads(reader: Mapping[str, Any], writer: Mapping[str, Any]) -> bool:
    outs = list(map(_pattern, _paths([*writer.get("outs", []), *writer.get("metrics", [])])))
    return any(_meet(dep, out) for dep in map(_pattern, _paths(reader.get("deps", []))) for out in outs)


def _meet(one: str, other: str) -> bool:
    """Say whether one of two paths is, or lies in, the other."""
    return any(
        fnmatchcase(inner, outer) or fnmatchcase(inner, f"{outer}/*") for inner, outer in ((one, other), (other, one))
    )


def _pattern(path: str) -> str:
    return re.sub(r"\$\{[^}]*\}", "*", path)


def _paths(items: Iterable[Any]) -> list[str]:
    """Return the paths of a list of dvc.yaml, where one with settings is the key of a mapping."""
    return [str(path) for item in items for path in (item if isinstance(item, Mapping) else [item])]
