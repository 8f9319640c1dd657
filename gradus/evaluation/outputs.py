"""Output files of the evaluation of one model: metrics, details, and scores of every test line."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from gradus.artifacts.json_files import json_with
from gradus.artifacts.places import new_file, new_folder

# gradus replaces an existing file only if the file has these keys; any other file belongs to the user.
METRICS, _DETAILS = ("corpus", "text"), ("history",)


@dataclass(frozen=True)
class Outputs:
    """Paths of the output files for one model."""

    metrics: Path
    """JSON file with the scores."""
    details: Path
    """JSON file with samples, training history and fitted parameters."""
    scores: Path
    """Folder of arrays with one row per test line."""


@contextmanager
def new_outputs(places: Outputs, content: str, inputs: Sequence[Path]) -> Iterator[Outputs]:
    """Yield temporary output paths; move the files to the final paths if the `with` block ends without an error.

    Args:
        places: the final output paths.
        content: name of the kind of content in the scores folder. The folder's seal, which is the file that lists
            hashes, contains this name.
        inputs: paths that the stage reads. They must not be inside the scores folder, because the stage replaces this
            folder.
    """
    with (
        new_file(places.metrics, json_with(*METRICS), inputs=inputs) as metrics,
        new_file(places.details, json_with(*_DETAILS), inputs=inputs) as details,
        new_folder(places.scores, content, inputs=inputs) as scores,
    ):
        yield Outputs(metrics, details, scores)
