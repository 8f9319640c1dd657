"""Per-line scores of both sides, from the working tree, from DVC's cache or from its remote."""

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
    """Access to the per-line scores of both sides."""

    commit: str
    """Commit of the base."""
    base: Side
    here: Side
    folder: Path
    """Temporary folder for copies; the working tree stays unchanged."""

    def before(self, model: Model) -> Path:
        """Return the folder of a model's scores at the base.

        Raises:
            RunError: if they are missing, or differ from those that dvc.lock recorded.
        """
        return _recorded(self.base, model, self._fetched("base", "--rev", self.commit), "the base")

    def after(self, model: Model) -> Path:
        """Return the folder of a model's scores in the working tree.

        Raises:
            RunError: if they are missing, or differ from those that dvc.lock recorded.
        """
        place = Path(_SCORES, str(model))
        if place.exists() and content_hash(place) == self.here.hash_of(place.as_posix()):
            return place
        return _recorded(self.here, model, self._fetched("here"), "the working tree")

    def _fetched(self, name: str, *revision: str) -> Path:
        """Copy all scores of a side once. DVC reads its cache first; scores that it cannot find stay missing."""
        copy = self.folder / name
        if not copy.exists():
            with suppress(RunError):
                dvc("get", ".", _SCORES, "--out", str(copy), *revision, program=GUARDED_DVC)
            copy.mkdir(exist_ok=True)
        return copy


@contextmanager
def scores_of(commit: str, base: Side, here: Side) -> Iterator[Scores]:
    """Yield access to the per-line scores of both sides; it ends with the block."""
    with TemporaryDirectory() as folder:
        yield Scores(commit, base, here, Path(folder))


def _recorded(side: Side, model: Model, copy: Path, which: str) -> Path:
    """Return the folder of a model in a copy; refuse one whose bytes are not those that dvc.lock recorded."""
    recorded, place = side.hash_of(f"{_SCORES}/{model}"), copy / str(model)
    if recorded is None:
        raise RunError(f"dvc.lock of {which} does not list per-line scores")
    if not place.is_dir() or content_hash(place) != recorded:
        raise RunError(f"the per-line scores of {which} are neither in DVC's cache nor in its default remote")
    return place
