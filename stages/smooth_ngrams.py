"""Stage: counts -> n-gram models of every order, by one smoother."""

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
from gradus.text.token_ids import open_tokens, read_ids


def main(
    name: Annotated[str, typer.Option(help="A key of smooth_ngrams in params.yaml.")],
    counts: Annotated[Path, typer.Option(help="Counts that `count_ngrams` wrote.")] = Path("models/counts"),
    tokens: Annotated[Path, typer.Option(help="Token ids that `tokenize` wrote.")] = Path("data/tokens/lm"),
    models: Annotated[Path, typer.Option(help="Folder of the models, one folder each.")] = Path("models/lm"),
    params: Annotated[Path, typer.Option(help="Parameter file.")] = Path("params.yaml"),
) -> None:
    """Turn counts into probabilities: one model for every order from 1 to the longest that was counted."""
    smoother = read_smoother(params, name)
    counted, counted_with = open_counts(counts), tokenizer_of(counts)
    sha256 = open_tokens(tokens).tokenizer().sha256
    if sha256 != counted_with:
        raise InputError(
            counts,
            expected=f"counts of tokens by the tokenizer of {tokens}, {sha256}",
            found=counted_with,
            remedy="count again (dvc repro count_ngrams)",
        )
    with new_folder(models / name, MODELS, inputs=[counts, tokens, params]) as folder:
        fitted = fit(smoother, counted, read_ids(tokens, "valid"))
        write_fit(folder, fitted, sha256)
    for warning in fitted.warnings():
        typer.echo(f"warning: {warning}", err=True)


app = stage_app(main)

if __name__ == "__main__":
    app()
