"""Stage generate_ngram: text from an n-gram model, by every decoding strategy."""

from pathlib import Path
from typing import Annotated

import typer

from gradus.artifacts.places import new_folder
from gradus.command import stage_app
from gradus.decoding.records import TEXTS, write_records
from gradus.families.ngrams import open_ngrams
from gradus.families.tokenizers import load_checked_tokenizer
from gradus.inference.generation import GenerateConfig, generate
from gradus.params import read_params
from gradus.runtime import read_runtime


def main(
    name: Annotated[str, typer.Option(help="An n-gram model of models/lm, such as katz.")],
    tokens: Annotated[Path, typer.Option(help="Token ids and tokenizer, from tokenize.")] = Path("data/tokens/lm"),
    models: Annotated[Path, typer.Option(help="Folder of the models.")] = Path("models/lm"),
    generated: Annotated[Path, typer.Option(help="Folder of the texts; NAME is made in it.")] = Path("data/generated"),
    params: Annotated[Path, typer.Option(help="Parameters.")] = Path("params.yaml"),
) -> None:
    """Write texts of a fixed length with one n-gram model of the highest order, by every strategy of decode.lm.

    The end of a sentence does not end a text: the model goes on with the next line. Greedy decoding and beam search
    write one text, because they do not draw and all their texts would be equal.
    """
    runtime = read_runtime(params)
    config = read_params(params, "decode.lm", GenerateConfig)
    with new_folder(generated / name, TEXTS, inputs=[tokens, models / name, params]) as folder:
        model = open_ngrams(models / name)
        tokenizer = load_checked_tokenizer(model, tokens / "tokenizer")
        for texts in generate(model, tokenizer, config, runtime):
            write_records(folder / f"{texts.strategy}.jsonl", texts.records)
            typer.echo(f"{texts.strategy}: {len(texts.records)} texts of {config.tokens} tokens")


app = stage_app(main)

if __name__ == "__main__":
    app()
