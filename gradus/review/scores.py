"""Find per-line scores before and after a change: in the working tree, in DVC's cache or in the DVC remote."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from gradus.errors import RunError
from gradus.pipeline.dvc import dvc
from gradus.pipeline.verify import content_hash
from gradus.review.sides import Model, Side

_SCORES = "data/scores"


@dataclass(frozen=True)
class Scores:
    """Access to the per-line scores of the base commit and of the working tree."""

    commit: str
    """Hash of the base commit."""
    base: Side
    here: Side
    folder: Path
    """Temporary folder for copies, so that the working tree stays unchanged."""

    def before(self, model: Model) -> Path:
        """Return the folder of a model's scores in the base commit.

        Raises:
            RunError: if the scores are missing, or their hash differs from the hash in dvc.lock.
        """
        return _recorded(self.base, model, self._fetched("base", "--rev", self.commit), "the base")

    def after(self, model: Model) -> Path:
        """Return the folder of a model's scores in the working tree.

        Raises:
            RunError: if the scores are missing, or their hash differs from the hash in dvc.lock.
        """
        # Scores that differ from dvc.lock may belong to other results than the metrics in git.
        place = Path(_SCORES, str(model))
        if place.exists() and content_hash(place) == self.here.hash_of(place.as_posix()):
            return place
        return _recorded(self.here, model, self._fetched("here"), "the working tree")

    def _fetched(self, name: str, *revision: str) -> Path:
        """Copy all scores of the base or of the working tree from DVC. Scores that DVC does not find stay missing."""
        copy = self.folder / name
        # One `dvc get` for all models, because each DVC process takes half a second to start.
        if not copy.exists():
            with suppress(RunError):
                dvc("get", ".", _SCORES, "--out", str(copy), *revision)
            copy.mkdir(exist_ok=True)
        return copy


@contextmanager
def scores_of(commit: str, base: Side, here: Side) -> Iterator[Scores]:
    """Yield the per-line scores of the commit and of the working tree; remove all copies at the end of the block."""
    with TemporaryDirectory() as folder:
        yield Scores(commit, base, here, Path(folder))


def _recorded(side: Side, model: Model, copy: Path, which: str) -> Path:
    """Return the folder of a model's scores inside the folder `copy`; raise an error if dvc.lock has another hash."""
    recorded, place = side.hash_of(f"{_SCORES}/{model}"), copy / str(model)
    if recorded is None:
        raise RunError(f"dvc.lock of {which} does not list per-line scores")
    if not place.is_dir() or content_hash(place) != recorded:
        raise RunError(f"the per-line scores of {which} are neither in DVC's cache nor in its default remote")
    return place
