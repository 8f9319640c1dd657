"""Stage measure_lm: take one measurement of a neural language model, for a study."""

from pathlib import Path
from typing import Annotated, Any

import typer

from gradus.artifacts.json_files import json_with, write_json
from gradus.artifacts.places import new_file
from gradus.command import stage_app
from gradus.evaluation.neural import ScoringConfig
from gradus.families.lm_settings import TrainLMConfig
from gradus.families.networks import open_network_folder
from gradus.families.tokenizers import require_tokenizer
from gradus.measurements.subject import Subject
from gradus.measurements.table import MEASUREMENTS, AnyMeasurement
from gradus.params import read_params
from gradus.runtime import prepare, read_runtime
from gradus.text.token_ids import open_tokens
from gradus.text.tokenizers.tokenizer import load_tokenizer


def main(
    name: Annotated[str, typer.Option(help="Name of a neural language model, such as lstm.")],
    measurement: Annotated[str, typer.Option(help="Name of a measurement in `measure_lm` of params.yaml.")],
    tokens: Annotated[Path, typer.Option(help="Folder of the token ids that `tokenize` wrote.")] = Path(
        "data/tokens/lm"
    ),
    models: Annotated[Path, typer.Option(help="Folder of all models.")] = Path("models/lm"),
    measured: Annotated[Path, typer.Option(help="The result is written to MEASURED/NAME/MEASUREMENT.json.")] = Path(
        "data/measured/lm"
    ),
    params: Annotated[Path, typer.Option(help="Parameter file.")] = Path("params.yaml"),
) -> None:
    """Take one measurement of a neural language model; params.yaml says which, and with which settings."""
    settings: Any = read_params(params, f"measure_lm.{measurement}", AnyMeasurement)
    config = read_params(params, f"train_lm.{name}", TrainLMConfig)
    scoring = read_params(params, "score_lm", ScoringConfig)
    open_tokens(tokens)
    model, runtime = open_network_folder(models / name), read_runtime(params)
    require_tokenizer(model, load_tokenizer(tokens / "tokenizer"), tokens / "tokenizer")
    prepare(runtime)
    place = measured / name / f"{measurement}.json"
    with new_file(place, json_with("kind"), inputs=[tokens, models, params]) as part:
        result = MEASUREMENTS[type(settings)](Subject(model, tokens, config, runtime, scoring), settings)
        write_json(part, {"kind": settings.kind, **result})


app = stage_app(main)

if __name__ == "__main__":
    app()
