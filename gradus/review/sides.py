"""The two sides of a comparison: the results of a commit and those of the working tree."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from gradus.artifacts.json_files import read_json
from gradus.artifacts.places import write_text
from gradus.errors import InputError
from gradus.names import PATTERN
from gradus.params import read_file
from gradus.pipeline.dvc import PARAMS, git
from gradus.pipeline.lock import read_entries
from gradus.pipeline.mending import LOCK
from gradus.pipeline.recipe import MODELS, Track

Metrics = Mapping[str, Any]

_FILES = re.compile(rf"dvc\.lock|params\.yaml|metrics/(lm|mt)/{PATTERN}\.json")


@dataclass(frozen=True, order=True)
class Model:
    """A model of one track."""

    track: Track
    name: str

    def __str__(self) -> str:
        return f"{self.track}/{self.name}"


@dataclass(frozen=True)
class Side:
    """The files of one side that are in git."""

    params: Metrics
    metrics: Mapping[Model, Metrics]
    """Of the models that params.yaml names and that have a file."""
    entries: Mapping[str, Mapping[str, Any]]
    """Of dvc.lock, by stage."""

    @property
    def models(self) -> list[Model]:
        """The models that params.yaml names, in its order."""
        return list(_models(self.params))

    def hash_of(self, out: str) -> str | None:
        """Return the MD5 that dvc.lock has of a stage's output; None if it has none."""
        outs = (each for entry in self.entries.values() for each in entry.get("outs", ()))
        return next((each.get("md5") for each in outs if each["path"] == out), None)


def read_side(folder: Path) -> Side:
    """Read params.yaml, the metrics of its models and dvc.lock; what is not there is empty.

    Raises:
        InputError: if a file is broken, or a model has no proper name.
    """
    params: Metrics = read_file(folder / PARAMS, dict) if (folder / PARAMS).exists() else {}
    paths = {model: folder / f"metrics/{model}.json" for model in _models(params)}
    metrics = {model: read_json(path) for model, path in paths.items() if path.exists()}
    return Side(params, metrics, read_entries(folder / LOCK) if (folder / LOCK).exists() else {})


def read_commit(commit: str) -> Side:
    """Read the same of a commit.

    Raises:
        InputError: as `read_side`.
    """
    with TemporaryDirectory() as folder:
        for line in git("ls-tree", "-r", commit, "--", str(LOCK), str(PARAMS), "metrics/lm", "metrics/mt").splitlines():
            about, _, name = line.partition("\t")
            if about.startswith("100") and _FILES.fullmatch(name):  # a regular file
                place = Path(folder) / name
                place.parent.mkdir(parents=True, exist_ok=True)
                write_text(place, git("show", f"{commit}:{name}"))
        try:
            return read_side(Path(folder))
        except InputError as error:
            where = error.where.replace(f"{folder}/", f"{commit[:10]}:")
            raise InputError(where, expected=error.expected, found=error.found, remedy=error.remedy) from None


def _models(params: Metrics) -> Iterator[Model]:
    for track, sections in MODELS.items():
        for section in sections:
            for name in params.get(section) or ():
                yield Model(track, name)


def all_models(*sides: Side) -> list[Model]:
    """Return the models of some sides, each once, in the order of the last."""
    return list(dict.fromkeys(model for side in reversed(sides) for model in side.models))
