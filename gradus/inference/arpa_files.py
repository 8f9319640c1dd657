"""Import n-gram models from ARPA files of other toolkits, and export models to ARPA files."""

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
    from gradus.families.language_models import LanguageModelFolder


def import_arpa(file: Path, track: Track = silent) -> StandaloneModel:
    """Read an ARPA file. The words of the file become the vocabulary of the model.

    Raises:
        InputError: if the file is broken. The error names the line.
    """
    arpa = read_arpa(file, track)
    return StandaloneModel(arpa.model, WordTokenizer(arpa.pieces), Notes(warnings=arpa.warnings))


def export_arpa(model: "LanguageModelFolder", file: Path, order: int | None, track: Track = silent) -> None:
    """Write the model of one order as an ARPA file.

    Args:
        model: an opened language model.
        file: the file to write.
        order: order of the model to write; None for the highest order.
        track: shows a progress bar.
    Raises:
        InputError: if the model is a network or a mixture, if no model of this order was fitted, or if the format
            cannot express the model.
    """
    if not isinstance(model, NgramFolder):
        found, remedy = f"another model ({model.kind})", "name the folder of an n-gram model"
        raise InputError(model.path, expected="an n-gram model", found=found, remedy=remedy)
    pieces = load_model_tokenizer(model).pieces
    write_arpa(file, model.model(order), pieces, track)
