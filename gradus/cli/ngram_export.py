"""gradus ngram export: write a model for other toolkits."""

from pathlib import Path
from typing import Annotated

import typer

from gradus.cli.options import Force, NoVerify


def main(
    model: Annotated[Path, typer.Argument(help="Folder of an n-gram model, such as models/lm/modified_kneser_ney.")],
    file: Annotated[Path, typer.Argument(help="ARPA file to write; compressed if its name ends in .gz.")],
    order: Annotated[int | None, typer.Option(min=1, help="Order of the model; the highest if not given.")] = None,
    tokens: Annotated[
        Path, typer.Option(help="Folder that tokenize wrote, for a model without a tokenizer of its own.")
    ] = Path("data/tokens/lm"),
    force: Force = False,
    no_verify: NoVerify = False,
) -> None:
    """Write an n-gram model in ARPA format, which KenLM, SRILM and others read.

    Maximum likelihood and stupid back-off are refused: the format needs probabilities that sum to one after every
    history.

    Example: gradus ngram export models/lm/modified_kneser_ney lm.arpa.gz
    """
    from gradus.command import track
    from gradus.families.language_models import open_folder
    from gradus.inference.arpa_files import export_arpa
    from gradus.ngram.arpa.writer import new_arpa

    # the place first: a taken one should be refused before a model is read
    with new_arpa(file, [model], force) as part:
        export_arpa(open_folder(model, sums=not no_verify), part, order, tokens, track)
