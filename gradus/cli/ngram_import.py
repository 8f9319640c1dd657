"""gradus ngram import: a model of another toolkit."""

from pathlib import Path
from typing import Annotated

import typer


def main(
    file: Annotated[Path, typer.Argument(help="ARPA file of KenLM, SRILM or another toolkit; plain or FILE.gz.")],
    model: Annotated[Path, typer.Argument(help="Folder to write the model to.")],
) -> None:
    """Read an n-gram model in ARPA format.

    Its words become the model's vocabulary. `gradus score` then gives a text the scores that the other toolkit gives.

    Example: gradus ngram import lm.arpa.gz my_model
    """
    from gradus.cli.standalone import write_standalone
    from gradus.command import track
    from gradus.ngram.arpa_reader import read_arpa
    from gradus.ngram.storage import Notes
    from gradus.text.word_tokenizer import WordTokenizer

    arpa = read_arpa(file, track)
    notes = Notes({}, arpa.warnings)
    write_standalone(model, arpa.model, WordTokenizer(arpa.pieces), notes, f"order {arpa.model.order}")
