"""Stage count_ngrams: count the n-grams of every order in the training text."""

from pathlib import Path
from typing import Annotated

import typer
from pydantic import Field
from pydantic.dataclasses import dataclass

from gradus.artifacts.places import new_folder
from gradus.command import stage_app, track
from gradus.ngram.counting.counts import count_ngrams
from gradus.ngram.counting.storage import COUNTS, write_counts
from gradus.params import STRICT, read_params
from gradus.text.token_ids import open_tokens, read_ids


@dataclass(frozen=True, kw_only=True, config=STRICT)
class CountConfig:
    """Settings of the stage `count_ngrams`."""

    order: Annotated[int, Field(ge=1, le=32)]
    """Number of words of the longest n-gram."""


def main(
    tokens: Annotated[Path, typer.Option(help="Folder of token ids that `tokenize` wrote.")] = Path("data/tokens/lm"),
    counts: Annotated[Path, typer.Option(help="Folder for the counts.")] = Path("models/counts"),
    params: Annotated[Path, typer.Option(help="Parameter file.")] = Path("params.yaml"),
) -> None:
    """Count the n-grams of every order in the training text. The models of all smoothers are fitted to these counts."""
    config = read_params(params, "count_ngrams", CountConfig)
    tokenizer = open_tokens(tokens).tokenizer()
    with new_folder(counts, COUNTS, inputs=[tokens, params]) as folder:
        ids = read_ids(tokens, "train")
        counted = count_ngrams(ids, order=config.order, vocabulary_size=tokenizer.size, track=track)
        write_counts(folder, counted, tokenizer.sha256)


app = stage_app(main)

if __name__ == "__main__":
    app()
