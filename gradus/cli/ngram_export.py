"""gradus ngram export: write an n-gram model for other toolkits."""

from pathlib import Path
from typing import Annotated

import typer

from gradus.cli.options import Force, NoVerify


def main(
    model: Annotated[Path, typer.Argument(help="Folder of an n-gram model, such as models/lm/modified_kneser_ney.")],
    file: Annotated[Path, typer.Argument(help="ARPA file to write. It is compressed if its name ends in .gz.")],
    order: Annotated[int | None, typer.Option(min=1, help="Order to export; by default, the highest order.")] = None,
    force: Force = False,
    no_verify: NoVerify = False,
) -> None:
    """Write an n-gram model as an ARPA file, which KenLM, SRILM and other toolkits read.

    The format needs probabilities that sum to one after every history, so models of maximum likelihood and of stupid
    back-off cannot be exported.

    Example: gradus ngram export models/lm/modified_kneser_ney lm.arpa.gz
    """
    from gradus.command import track
    from gradus.families.language_models import open_folder
    from gradus.inference.arpa_files import export_arpa
    from gradus.ngram.arpa.writer import new_arpa

    # create the file first, so that an existing file is refused before the model is read
    with new_arpa(file, [model], force) as part:
        export_arpa(open_folder(model, sums=not no_verify), part, order, track)
