"""Stage measure_lm: make one measurement of a neural language model."""

from pathlib import Path
from typing import Annotated, Any, cast

import typer

from gradus.artifacts.json_files import write_json
from gradus.artifacts.places import new_file
from gradus.choices import OneOf
from gradus.command import stage_app
from gradus.measurements.file import is_measured, summary
from gradus.measurements.opening import open_subject
from gradus.measurements.table import MEASUREMENTS
from gradus.params import read_params
from gradus.runtime import prepare, read_runtime

AnyMeasurement = Annotated[Any, OneOf(tuple(MEASUREMENTS))]
"""Type of an entry of `measure_lm` in params.yaml."""


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
    """Make one measurement of a trained network, with the settings of an entry of `measure_lm` in params.yaml."""
    config = read_params(params, f"measure_lm.{measurement}", cast(Any, AnyMeasurement))
    runtime, inputs = read_runtime(params), [tokens, models / name, params]
    with new_file(measured / name / f"{measurement}.json", is_measured, inputs=inputs) as path:
        subject = open_subject(models / name, tokens, runtime)
        prepare(runtime)
        result = MEASUREMENTS[type(config)](subject, config)
        write_json(path, result)
    typer.echo(summary(result))


app = stage_app(main)

if __name__ == "__main__":
    app()
