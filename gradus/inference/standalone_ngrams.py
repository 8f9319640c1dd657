"""Standalone n-gram models: one folder with a model of one order and its tokenizer."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from gradus.artifacts.places import new_folder
from gradus.ngram.scoring.model import NgramModel
from gradus.ngram.scoring.storage import MODELS, Notes, write_models
from gradus.text.tokenizers.words import WordTokenizer


@dataclass(frozen=True)
class StandaloneModel:
    """An n-gram model that was built or imported outside the pipeline."""

    model: NgramModel
    tokenizer: WordTokenizer
    notes: Notes
    """Fitted parameters and warnings."""


@contextmanager
def new_standalone(folder: Path, inputs: Iterable[Path], replace: bool) -> Iterator[Path]:
    """Yield a temporary folder that is renamed to `folder` at the end.

    Args:
        folder: where the model will be.
        inputs: files that `folder` must not contain.
        replace: whether an n-gram model that is there may be replaced.
    Raises:
        InputError: at once, if the place is taken.
    """
    with new_folder(folder, MODELS, inputs=inputs, replace=replace) as part:
        yield part


def write_standalone(folder: Path, standalone: StandaloneModel) -> None:
    """Write a model and its tokenizer."""
    write_models(folder, [standalone.model], standalone.tokenizer.sha256, standalone.notes)
    # in the same folder, so that its seal covers the tokenizer
    standalone.tokenizer.save(folder / "tokenizer")
