"""Stage measure_ngram: make one measurement of the n-gram models of one smoother."""

from pathlib import Path
from typing import Annotated, Any, cast

import typer

from gradus.artifacts.json_files import write_json
from gradus.artifacts.places import new_file
from gradus.choices import OneOf
from gradus.command import stage_app
from gradus.measurements.file import is_measured, summary
from gradus.measurements.ngram_subject import open_ngram_subject
from gradus.measurements.ngram_table import MEASUREMENTS
from gradus.params import read_params

AnyMeasurement = Annotated[Any, OneOf(tuple(MEASUREMENTS))]
"""Type of an entry of `measure_ngram` in params.yaml."""


def main(
    name: Annotated[str, typer.Option(help="Name of a smoother, such as kneser_ney.")],
    measurement: Annotated[str, typer.Option(help="Name of a measurement in `measure_ngram` of params.yaml.")],
    tokens: Annotated[Path, typer.Option(help="Folder of the token ids that `tokenize` wrote.")] = Path(
        "data/tokens/lm"
    ),
    models: Annotated[Path, typer.Option(help="Folder of all models.")] = Path("models/lm"),
    measured: Annotated[Path, typer.Option(help="The result is written to MEASURED/NAME/MEASUREMENT.json.")] = Path(
        "data/measured/lm"
    ),
    params: Annotated[Path, typer.Option(help="Parameter file.")] = Path("params.yaml"),
) -> None:
    """Make one measurement of n-gram models, with the settings of an entry of `measure_ngram` in params.yaml."""
    config = read_params(params, f"measure_ngram.{measurement}", cast(Any, AnyMeasurement))
    inputs = [tokens, models / name, params]
    with new_file(measured / name / f"{measurement}.json", is_measured, inputs=inputs) as path:
        result = MEASUREMENTS[type(config)](open_ngram_subject(models / name, tokens), config)
        write_json(path, result)
    typer.echo(summary(result))


app = stage_app(main)

if __name__ == "__main__":
    app()
