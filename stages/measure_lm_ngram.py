"""Stage measure_lm_ngram: take one measurement of the n-gram models of one smoother, for a study."""

from pathlib import Path
from typing import Annotated, Any

import typer

from gradus.artifacts.json_files import json_with, write_json
from gradus.artifacts.places import new_file
from gradus.command import stage_app
from gradus.families.ngrams import open_ngrams
from gradus.families.tokenizers import require_tokenizer
from gradus.measurements.ngram_subject import NgramSubject
from gradus.measurements.ngram_table import NGRAM_MEASUREMENTS, AnyNgramMeasurement
from gradus.params import read_params
from gradus.text.token_ids import open_tokens
from gradus.text.tokenizers.tokenizer import load_tokenizer


def main(
    name: Annotated[str, typer.Option(help="Name of a smoother, such as kneser_ney.")],
    measurement: Annotated[str, typer.Option(help="Name of a measurement in `measure_lm_ngram` of params.yaml.")],
    tokens: Annotated[Path, typer.Option(help="Folder of the token ids that `tokenize` wrote.")] = Path(
        "data/tokens/lm"
    ),
    models: Annotated[Path, typer.Option(help="Folder of all models.")] = Path("models/lm"),
    measured: Annotated[Path, typer.Option(help="The result is written to MEASURED/NAME/MEASUREMENT.json.")] = Path(
        "data/measured/lm"
    ),
    params: Annotated[Path, typer.Option(help="Parameter file.")] = Path("params.yaml"),
) -> None:
    """Take one measurement of n-gram models; params.yaml says which, and with which settings."""
    settings: Any = read_params(params, f"measure_lm_ngram.{measurement}", AnyNgramMeasurement)
    open_tokens(tokens)
    model = open_ngrams(models / name)
    require_tokenizer(model, load_tokenizer(tokens / "tokenizer"), tokens / "tokenizer")
    place = measured / name / f"{measurement}.json"
    with new_file(place, json_with("kind"), inputs=[tokens, models, params]) as part:
        result = NGRAM_MEASUREMENTS[type(settings)](NgramSubject(model, tokens), settings)
        write_json(part, {"kind": settings.kind, **result})


app = stage_app(main)

if __name__ == "__main__":
    app()
