"""gradus ngram import: read an n-gram model of another toolkit."""

from pathlib import Path
from typing import Annotated

import typer

from gradus.cli.options import Force
from gradus.cli.standalone import show_model


def main(
    file: Annotated[Path, typer.Argument(help="ARPA file of KenLM, SRILM or another toolkit, plain or FILE.gz.")],
    model: Annotated[Path, typer.Argument(help="Folder for the new model.")],
    force: Force = False,
) -> None:
    """Import an n-gram model from an ARPA file.

    The words of the file become the vocabulary of the model. `gradus score` then computes the same scores as the other
    toolkit.

    Example: gradus ngram import lm.arpa.gz my_model
    """
    from gradus.command import track
    from gradus.inference.arpa_files import import_arpa
    from gradus.inference.standalone_ngrams import new_standalone, write_standalone

    with new_standalone(model, [file], force) as part:
        imported = import_arpa(file, track)
        write_standalone(part, imported)
    show_model(model, imported, f"order {imported.model.order}")
