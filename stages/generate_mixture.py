"""Stage generate_mixture: generate texts with one mixture of language models and every decoding strategy."""

from pathlib import Path
from typing import Annotated

import typer

from gradus.artifacts.places import new_folder
from gradus.command import stage_app
from gradus.decoding.records import TEXTS, write_records
from gradus.families.mixtures import open_mixture_folder
from gradus.families.tokenizers import load_model_tokenizer
from gradus.inference.generation import GenerateConfig, generate
from gradus.inference.line_prompts import prompts_of_test_lines
from gradus.params import read_params
from gradus.runtime import read_runtime


def main(
    name: Annotated[str, typer.Option(help="Name of a mixture in models/mixtures, such as lstm_5gram.")],
    tokens: Annotated[Path, typer.Option(help="Folder of the token ids that `tokenize` wrote.")] = Path(
        "data/tokens/lm"
    ),
    models: Annotated[Path, typer.Option(help="The model is read from MODELS/NAME.")] = Path("models/mixtures"),
    generated: Annotated[Path, typer.Option(help="The texts are written to GENERATED/NAME.")] = Path("data/generated"),
    params: Annotated[Path, typer.Option(help="Parameter file.")] = Path("params.yaml"),
) -> None:
    """Generate texts of a fixed length with one mixture and every strategy of `decode.lm` in params.yaml.

    A text does not end at the end of a sentence: the model continues with the next line. Greedy decoding and beam
    search are not random, so each of them generates only one text, unless `decode.lm.prompt_tokens` is positive. Then
    every text of every strategy continues the beginning of a different test line.
    """
    runtime = read_runtime(params)
    config = read_params(params, "decode.lm", GenerateConfig)
    with new_folder(generated / name, TEXTS, inputs=[tokens, models / name, params]) as folder:
        model = open_mixture_folder(models / name)
        prompts = prompts_of_test_lines(model, tokens, count=config.texts, length=config.prompt_tokens)
        for texts in generate(model, load_model_tokenizer(model), config, runtime, prompts):
            write_records(folder / f"{texts.strategy}.jsonl", texts.records)
            typer.echo(f"{texts.strategy}: {len(texts.records)} texts of {config.tokens} tokens")


app = stage_app(main)

if __name__ == "__main__":
    app()
