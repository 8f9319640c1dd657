"""Exchange n-gram models with other toolkits as ARPA files."""

from pathlib import Path
from typing import TYPE_CHECKING

from gradus.errors import InputError
from gradus.families.ngrams import NgramFolder
from gradus.families.tokenizers import load_model_tokenizer
from gradus.inference.standalone_ngrams import StandaloneModel
from gradus.ngram.arpa.reader import read_arpa
from gradus.ngram.arpa.writer import write_arpa
from gradus.ngram.scoring.storage import Notes
from gradus.progress import Track, silent
from gradus.text.tokenizers.words import WordTokenizer

if TYPE_CHECKING:
    from gradus.families.networks import NeuralFolder


def import_arpa(file: Path, track: Track = silent) -> StandaloneModel:
    """Read an ARPA file; its words become the vocabulary of the model.

    Raises:
        InputError: if the file is broken, with the line.
    """
    arpa = read_arpa(file, track)
    return StandaloneModel(arpa.model, WordTokenizer(arpa.pieces), Notes(warnings=arpa.warnings))


def export_arpa(
    model: "NgramFolder | NeuralFolder", file: Path, order: int | None, tokens: Path, track: Track = silent
) -> None:
    """Write one order of a model as an ARPA file.

    Args:
        model: an opened language model.
        file: the file to write.
        order: order of the model; the highest if None.
        tokens: folder that `tokenize` wrote, for a model without a tokenizer of its own.
        track: shows the progress.
    Raises:
        InputError: if the model is a network, the order was not fitted, or the format cannot express the model.
    """
    if not isinstance(model, NgramFolder):
        found, remedy = f"a network ({model.kind})", "name an n-gram model's folder"
        raise InputError(model.path, expected="n-grams", found=found, remedy=remedy)
    pieces = load_model_tokenizer(model, tokens).pieces
    write_arpa(file, model.model(order), pieces, track)
