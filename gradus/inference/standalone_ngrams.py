"""Write standalone n-gram models. Each folder contains a model of one order and its tokenizer."""

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
    """N-gram model with its tokenizer. It was built or imported outside the pipeline."""

    model: NgramModel
    tokenizer: WordTokenizer
    notes: Notes
    """Fitted parameters and warnings of the model."""


@contextmanager
def new_standalone(folder: Path, inputs: Iterable[Path], replace: bool) -> Iterator[Path]:
    """Yield a temporary folder; rename this folder to `folder` if the `with` block ends without an error.

    Args:
        folder: the folder of the new model.
        inputs: input files, which must not be in `folder`.
        replace: whether to replace an n-gram model that is already in `folder`.
    Raises:
        InputError: if `folder` exists and may not be replaced. This is checked before any work starts.
    """
    with new_folder(folder, MODELS, inputs=inputs, replace=replace) as part:
        yield part


def write_standalone(folder: Path, standalone: StandaloneModel) -> None:
    """Write a model and its tokenizer to a folder."""
    write_models(folder, [standalone.model], standalone.tokenizer.sha256, standalone.notes)
    # in the same folder, so that the seal of the folder protects the tokenizer too
    standalone.tokenizer.save(folder / "tokenizer")
