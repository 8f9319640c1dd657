"""Files that an evaluation writes for one model: its metrics, its details, its scores line by line."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from gradus.artifacts.json_files import json_with
from gradus.artifacts.places import new_file, new_folder

# Keys by which gradus recognizes its own files before it replaces them.
_METRICS, _DETAILS = ("corpus", "text"), ("history",)


@dataclass(frozen=True)
class Outputs:
    """Places of one model's results."""

    metrics: Path
    """JSON file of numbers."""
    details: Path
    """JSON file of samples, training history and fitted parameters."""
    scores: Path
    """Folder of arrays with one row per test line."""


@contextmanager
def new_outputs(places: Outputs, content: str, inputs: Sequence[Path]) -> Iterator[Outputs]:
    """Yield temporary places to write to; move them to the final places if the block ends without an error.

    Args:
        places: the final places.
        content: name of the arrays' content, for the seal of the folder.
        inputs: paths that the stage reads, which must not lie in a folder that it replaces.
    """
    with (
        new_file(places.metrics, json_with(*_METRICS), inputs=inputs) as metrics,
        new_file(places.details, json_with(*_DETAILS), inputs=inputs) as details,
        new_folder(places.scores, content, inputs=inputs) as scores,
    ):
        yield Outputs(metrics, details, scores)
