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
    import numpy as np

    from gradus.artifacts import new_folder
    from gradus.command import track
    from gradus.ngram.arpa_reader import read_arpa
    from gradus.ngram.storage import Notes, write_models
    from gradus.text.word_tokenizer import WordTokenizer

    arpa = read_arpa(file, track)
    tokenizer = WordTokenizer(arpa.pieces)
    with new_folder(model) as folder:
        write_models(folder, [arpa.model], tokenizer.sha256, Notes({}, arpa.warnings))
        tokenizer.save(folder / "tokenizer")
    for warning in arpa.warnings:
        typer.echo(f"warning: {warning}", err=True)
    sizes = np.diff(arpa.model.trie.firsts[1:])
    typer.echo(
        f"{model}: order {arpa.model.order}, {tokenizer.size} words, n-grams by order: {' '.join(map(str, sizes))}"
    )
