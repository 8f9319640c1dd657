"""Read both sides of a comparison: the results of a commit, and the results in the working tree."""

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
from gradus.results.files import parse_result
from gradus.results.language_model import LanguageModelResult, result_type
from gradus.results.translation import TranslationResult

Result = LanguageModelResult | TranslationResult
Values = Mapping[str, Any]
"""Content of a JSON or YAML file. It is not converted to a `Result`, because the report compares every value."""

_FILES = re.compile(rf"dvc\.lock|params\.yaml|metrics/(lm|mt)/{PATTERN}\.json")


@dataclass(frozen=True, order=True)
class Model:
    """Track (`lm` or `mt`) and name of a model."""

    track: Track
    name: str

    def __str__(self) -> str:
        return f"{self.track}/{self.name}"


@dataclass(frozen=True)
class Side:
    """Content of the tracked files on one side of a comparison."""

    params: Values
    metrics: Mapping[Model, Values]
    """Dict from each model in params.yaml to the content of its metrics file. A model without a file is left out."""
    entries: Mapping[str, Mapping[str, Any]]
    """Dict from each stage to its entry in dvc.lock."""

    @property
    def models(self) -> list[Model]:
        """All models in params.yaml, in the order of the file."""
        return list(_models(self.params))

    def result(self, model: Model) -> Result | None:
        """Return a model's result; None if the model has no metrics file, or the file is not a valid result."""
        values = self.metrics.get(model, {})
        try:
            if model.track == "mt":
                return parse_result(values, "", TranslationResult, remedy="")
            return parse_result(values, "", result_type(values), remedy="")
        except InputError:  # another version of gradus may have written the file
            return None

    def hash_of(self, out: str) -> str | None:
        """Return the MD5 that dvc.lock records for an output; None if dvc.lock does not list the output."""
        outs = (each for entry in self.entries.values() for each in entry.get("outs", ()))
        return next((each.get("md5") for each in outs if each["path"] == out), None)


def read_side(folder: Path) -> Side:
    """Read params.yaml, the metrics files of all models, and dvc.lock in a folder; a missing file counts as empty.

    Raises:
        InputError: if a file is damaged, or the name of a model is not allowed.
    """
    params: Values = read_file(folder / PARAMS, dict) if (folder / PARAMS).exists() else {}
    paths = {model: folder / f"metrics/{model}.json" for model in _models(params)}
    metrics = {model: read_json(path) for model, path in paths.items() if path.exists()}
    return Side(params, metrics, read_entries(folder / LOCK) if (folder / LOCK).exists() else {})


def read_commit(commit: str) -> Side:
    """Read params.yaml, the metrics files of all models, and dvc.lock of a commit.

    Raises:
        InputError: if a file is damaged, or the name of a model is not allowed.
    """
    with TemporaryDirectory() as folder:
        for line in git("ls-tree", "-r", commit, "--", str(LOCK), str(PARAMS), "metrics/lm", "metrics/mt").splitlines():
            about, _, name = line.partition("\t")
            if about.startswith("100") and _FILES.fullmatch(name):  # a regular file, not a link
                place = Path(folder) / name
                place.parent.mkdir(parents=True, exist_ok=True)
                write_text(place, git("show", f"{commit}:{name}"))
        try:
            return read_side(Path(folder))
        except InputError as error:
            where = error.where.replace(f"{folder}/", f"{commit[:10]}:")
            raise InputError(where, expected=error.expected, found=error.found, remedy=error.remedy) from None


def _models(params: Values) -> Iterator[Model]:
    for track, sections in MODELS.items():
        for section in sections:
            for name in params.get(section) or ():
                yield Model(track, name)


def all_models(*sides: Side) -> list[Model]:
    """Return the models of all sides, each model once. The models of the last side come first."""
    return list(dict.fromkeys(model for side in reversed(sides) for model in side.models))
