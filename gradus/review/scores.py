"""Per-line scores of both sides: from the working tree, DVC's cache or its remote, into a temporary folder."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from gradus.errors import RunError
from gradus.pipeline.dvc import environment
from gradus.pipeline.verify import content_hash
from gradus.process import die_with_parent
from gradus.review.sides import Model, Side


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
        return self._fetched(self.base, model, self.folder / "before", ["--rev", self.commit])

    def after(self, model: Model) -> Path:
        """Return the same of the working tree."""
        place = Path(f"data/scores/{model}")
        if place.exists() and content_hash(place) == self.here.hash_of(place.as_posix()):
            return place
        return self._fetched(self.here, model, self.folder / "after", [])

    def _fetched(self, side: Side, model: Model, folder: Path, revision: list[str]) -> Path:
        out = f"data/scores/{model}"
        recorded, copy = side.hash_of(out), folder / str(model)
        which = "the base" if revision else "the working tree"
        if recorded is None:
            raise RunError(f"dvc.lock of {which} names no per-line scores")
        if not copy.exists():
            copy.parent.mkdir(parents=True, exist_ok=True)
            _get(out, copy, revision)
        if not copy.is_dir() or content_hash(copy) != recorded:
            raise RunError(f"the per-line scores of {which} are neither in DVC's cache nor in its default remote")
        return copy


@contextmanager
def scores_of(commit: str, base: Side, here: Side) -> Iterator[Scores]:
    """Yield access to the per-line scores of both sides, until the block ends."""
    with TemporaryDirectory() as folder:
        yield Scores(commit, base, here, Path(folder))


def _get(out: str, copy: Path, revision: list[str]) -> None:
    """Copy an output by way of DVC, which reads its cache first; one that it cannot find stays missing."""
    command = [sys.executable, "-m", "gradus.pipeline.guarded_dvc", "get", ".", out, "--out", str(copy), *revision]
    subprocess.run(
        command, env=environment(), stdin=subprocess.DEVNULL, capture_output=True, preexec_fn=die_with_parent
    )
