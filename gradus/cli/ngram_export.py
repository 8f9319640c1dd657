"""gradus ngram export: a model for other toolkits."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gradus.cli.options import Force, NoVerify
from gradus.errors import InputError

if TYPE_CHECKING:
    from gradus.families.networks import NeuralFolder
    from gradus.families.ngrams import NgramFolder


def main(
    model: Annotated[Path, typer.Argument(help="An n-gram model's folder, such as models/lm/modified_kneser_ney.")],
    file: Annotated[Path, typer.Argument(help="ARPA file to write; compressed if its name ends in .gz.")],
    order: Annotated[int | None, typer.Option(min=1, help="Order of the model; the highest if not given.")] = None,
    tokens: Annotated[
        Path, typer.Option(help="Folder that tokenize wrote, for a model without a tokenizer of its own.")
    ] = Path("data/tokens/lm"),
    force: Force = False,
    no_verify: NoVerify = False,
) -> None:
    """Write an n-gram model in ARPA format, which KenLM, SRILM and others read.

    Maximum likelihood and stupid back-off cannot be written so: they are no distributions after every history.

    Example: gradus ngram export models/lm/modified_kneser_ney lm.arpa.gz
    """
    from gradus.families.language_models import open_folder
    from gradus.ngram.arpa.writer import new_arpa

    with new_arpa(file, [model], force) as part:
        export(open_folder(model, sums=not no_verify), part, order, tokens)


def export(opened: "NgramFolder | NeuralFolder", part: Path, order: int | None, tokens: Path) -> None:
    """Write the ARPA file of a model, of its highest order if none is given."""
    from gradus.command import track
    from gradus.families.ngrams import NgramFolder
    from gradus.families.tokenizers import load_model_tokenizer
    from gradus.ngram.arpa.writer import write_arpa

    if not isinstance(opened, NgramFolder):
        raise InputError(
            opened.path, expected="n-grams", found=f"a network ({opened.kind})", remedy="name an n-gram model's folder"
        )
    pieces = load_model_tokenizer(opened, tokens).pieces
    write_arpa(part, opened.model(order or opened.orders[-1]), pieces, track)
