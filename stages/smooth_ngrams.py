"""Stage smooth_ngrams: fit the n-gram models of one smoother to the counts."""

from pathlib import Path
from typing import Annotated

import typer

from gradus.artifacts.places import new_folder
from gradus.command import stage_app
from gradus.errors import InputError
from gradus.ngram.counting.storage import open_counts, tokenizer_of
from gradus.ngram.scoring.storage import MODELS
from gradus.ngram.smoothing.fit import fit, write_fit
from gradus.ngram.smoothing.smoothers import read_smoother
from gradus.text.origin import copy_origin
from gradus.text.token_ids import open_tokens, read_ids


def main(
    name: Annotated[str, typer.Option(help="Name of the smoother in `smooth_ngrams` of params.yaml.")],
    counts: Annotated[Path, typer.Option(help="Folder of counts that `count_ngrams` wrote.")] = Path("models/counts"),
    tokens: Annotated[Path, typer.Option(help="Folder of token ids that `tokenize` wrote.")] = Path("data/tokens/lm"),
    models: Annotated[Path, typer.Option(help="Folder for the models, which contains one folder per smoother.")] = Path(
        "models/lm"
    ),
    params: Annotated[Path, typer.Option(help="Parameter file.")] = Path("params.yaml"),
) -> None:
    """Fit n-gram models to the counts, one model for each order from 1 to the highest order of the counts."""
    smoother = read_smoother(params, name)
    counted, counted_with = open_counts(counts), tokenizer_of(counts)
    manifest = open_tokens(tokens)
    sha256 = manifest.tokenizer().sha256
    if sha256 != counted_with:
        raise InputError(
            counts,
            expected=f"counts for the tokenizer of {tokens} (SHA-256 {sha256})",
            found=f"SHA-256 {counted_with}",
            remedy="run `dvc repro count_ngrams` to count the n-grams again",
        )
    with new_folder(models / name, MODELS, inputs=[counts, tokens, params]) as folder:
        copy_origin(manifest, folder)
        fitted = fit(smoother, counted, read_ids(tokens, "valid"))
        write_fit(folder, fitted, sha256)
    for warning in fitted.warnings():
        typer.echo(f"warning: {warning}", err=True)


app = stage_app(main)

if __name__ == "__main__":
    app()
