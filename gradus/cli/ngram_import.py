"""gradus ngram import: a model of another toolkit."""

from pathlib import Path
from typing import Annotated

import typer

from gradus.cli.options import Force
from gradus.cli.standalone import describe_model, new_model, write_standalone


def main(
    file: Annotated[Path, typer.Argument(help="ARPA file of KenLM, SRILM or another toolkit; plain or FILE.gz.")],
    model: Annotated[Path, typer.Argument(help="Folder to write the model to.")],
    force: Force = False,
) -> None:
    """Read an n-gram model in ARPA format.

    Its words become the model's vocabulary. `gradus score` then gives a text the scores that the other toolkit gives.

    Example: gradus ngram import lm.arpa.gz my_model
    """
    from gradus.command import track
    from gradus.ngram.arpa.reader import read_arpa
    from gradus.ngram.storage import Notes
    from gradus.text.word_tokenizer import WordTokenizer

    with new_model(model, [file], force) as part:
        arpa = read_arpa(file, track)
        write_standalone(part, arpa.model, WordTokenizer(arpa.pieces), Notes({}, arpa.warnings))
        label = describe_model(model, arpa.model, f"order {arpa.model.order}")
    typer.echo(label)
