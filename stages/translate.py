"""Stage translate: translate the test text with one model and every decoding strategy."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from gradus.artifacts.json_files import write_json
from gradus.artifacts.places import new_folder
from gradus.command import stage_app, track
from gradus.decoding.records import TEXTS, write_records
from gradus.families.translation_models import open_translator, require_tokenizers
from gradus.inference.attention_pictures import attention_pictures
from gradus.inference.translation import TranslateConfig, translate_ids
from gradus.params import read_params
from gradus.runtime import read_runtime
from gradus.text.pairs import read_pairs
from gradus.text.token_ids import open_tokens


def main(
    name: Annotated[str, typer.Option(help="Name of a model in models/mt, such as attention.")],
    tokens: Annotated[Path, typer.Option(help="Folder of token ids that `tokenize` wrote.")] = Path("data/tokens/mt"),
    models: Annotated[Path, typer.Option(help="The model is read from MODELS/NAME.")] = Path("models/mt"),
    translated: Annotated[
        Path,
        typer.Option(help="The translations are written to TRANSLATED/NAME."),
    ] = Path("data/translated"),
    params: Annotated[Path, typer.Option(help="Parameters.")] = Path("params.yaml"),
) -> None:
    """Translate the test text with every strategy of `decode.mt` in params.yaml.

    The stage also writes the attention weights of some sentences.
    """
    runtime = read_runtime(params)
    config = read_params(params, "decode.mt", TranslateConfig)
    manifest = open_tokens(tokens)
    src = read_pairs(tokens, "test").src
    translator = open_translator(models / name)
    require_tokenizers(translator, manifest)
    with new_folder(translated / name, TEXTS, inputs=[tokens, models / name, params]) as folder:
        for texts in translate_ids(translator, src, config, runtime, track):
            write_records(folder / f"{texts.strategy}.jsonl", texts.records)
            n_tokens = sum(len(record.ids) for record in texts.records)
            typer.echo(f"{texts.strategy}: {len(texts.records)} sentences, {n_tokens} tokens")
        pictures = attention_pictures(translator, src, texts.records, config.pictures)  # of the last strategy
        write_json(folder / "attention.json", {"pictures": [asdict(picture) for picture in pictures]})


app = stage_app(main)

if __name__ == "__main__":
    app()
