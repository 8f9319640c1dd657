"""Per-line scores of both sides: from the working tree, DVC's cache or its remote, into a temporary folder."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from gradus.errors import RunError
from gradus.pipeline.dvc import GUARDED_DVC, dvc
from gradus.pipeline.verify import content_hash
from gradus.review.sides import Model, Side

_SCORES = "data/scores"


@dataclass(frozen=True)
class Scores:
    """Where the scores of both sides are found."""

    commit: str
    """The base."""
    base: Side
    here: Side
    folder: Path
    """A temporary one; nothing is written into the working tree."""

    def before(self, model: Model) -> Path:
        """Return the folder of a model's scores at the base.

        Raises:
            RunError: if they cannot be had, or are not those that dvc.lock recorded.
        """
        return _recorded(self.base, model, self._fetched("base", "--rev", self.commit), "the base")

    def after(self, model: Model) -> Path:
        """Return the same of the working tree."""
        place = Path(_SCORES, str(model))
        if place.exists() and content_hash(place) == self.here.hash_of(place.as_posix()):
            return place
        return _recorded(self.here, model, self._fetched("here"), "the working tree")

    def _fetched(self, name: str, *revision: str) -> Path:
        """Copy all scores of a side, once, by way of DVC, which reads its cache first; what it lacks stays missing."""
        copy = self.folder / name
        if not copy.exists():
            with suppress(RunError):
                dvc("get", ".", _SCORES, "--out", str(copy), *revision, program=GUARDED_DVC)
            copy.mkdir(exist_ok=True)
        return copy


@contextmanager
def scores_of(commit: str, base: Side, here: Side) -> Iterator[Scores]:
    """Yield access to the per-line scores of both sides, until the block ends."""
    with TemporaryDirectory() as folder:
        yield Scores(commit, base, here, Path(folder))


def _recorded(side: Side, model: Model, copy: Path, which: str) -> Path:
    """Return the folder of a model in a copy, if it has the bytes that dvc.lock recorded."""
    recorded, found = side.hash_of(f"{_SCORES}/{model}"), copy / str(model)
    if recorded is None:
        raise RunError(f"dvc.lock of {which} names no per-line scores")
    if not found.is_dir() or content_hash(found) != recorded:
        raise RunError(f"the per-line scores of {which} are neither in DVC's cache nor in its default remote")
    return found
