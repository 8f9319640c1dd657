"""Find the entries of dvc.yaml that evaluate a track (`lm` or `mt`), and the entries upstream of these entries."""

import re
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from gradus.params import read_section

Entries = Mapping[str, Mapping[str, Any]]


def read_stages() -> dict[str, dict[str, Any]]:
    """Return the entries of dvc.yaml in the current folder; templates such as `${item}` are not expanded."""
    stages: dict[str, dict[str, Any]] = read_section(Path("dvc.yaml"), "stages")
    return stages


def evaluation_stages(tracks: Iterable[str], stages: Entries) -> list[str]:
    """Return the names of the entries that write the metrics of the tracks (`lm` or `mt`)."""
    folders = tuple(f"metrics/{track}/" for track in tracks)
    return [
        name
        for name, entry in stages.items()
        if any(path.startswith(folders) for path in _paths(entry.get("metrics", [])))
    ]


def with_upstream(names: Iterable[str], stages: Entries) -> list[str]:
    """Return the given entries and all entries upstream of them, in the order of dvc.yaml.

    A template such as `${item.name}` in a path matches any text. So an entry that reads from a folder depends on every
    entry that writes to the folder.
    """
    found: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += [other for other in stages if _reads(stages[name], stages[other])]
    return [name for name in stages if name in found]


def gathered_by(name: str, stages: Entries) -> list[str]:
    """Return the entries with cached outputs in a folder that an entry reads, so that the folder can be incomplete."""
    deps = _paths(stages[name].get("deps", []))
    return [
        other
        for other, entry in stages.items()
        # an output with settings is a file of metrics or plots outside DVC's cache
        if any(isinstance(out, str) and out.startswith(f"{dep}/") for out in entry.get("outs", []) for dep in deps)
    ]


def _reads(reader: Mapping[str, Any], writer: Mapping[str, Any]) -> bool:
    """Return whether `reader` depends on an output of `writer`."""
    outs = list(map(_pattern, _paths([*writer.get("outs", []), *writer.get("metrics", [])])))
    return any(_overlap(dep, out) for dep in map(_pattern, _paths(reader.get("deps", []))) for out in outs)


def _overlap(one: str, other: str) -> bool:
    """Return whether two paths are equal, or one of them lies in the other."""
    # In both directions, because either path can contain the `*` of a template, and either can be the folder.
    return any(
        fnmatchcase(inner, outer) or fnmatchcase(inner, f"{outer}/*") for inner, outer in ((one, other), (other, one))
    )


def _pattern(path: str) -> str:
    """Replace the templates in a path with `*`."""
    return re.sub(r"\$\{[^}]*\}", "*", path)


def _paths(items: Iterable[Any]) -> list[str]:
    """Return the paths of a list in dvc.yaml. Each item is a path, or a mapping from a path to its settings."""
    return [str(path) for item in items for path in (item if isinstance(item, Mapping) else [item])]
